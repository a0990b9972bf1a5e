package dev.quire.mutation;

import java.util.Locale;

/**
 * What became of a mutation.
 *
 * @param kind in a word
 * @param detail which test failed, or why nothing was decided
 * @param runs how often the test ran with it
 * @param seconds all of them together
 */
record Outcome(Kind kind, String detail, int runs, double seconds) {
    /** What can become of a mutation. */
    enum Kind {
        /** The test failed. */
        KILLED,
        /** The test did not come to an end in many times its time, and was ended. */
        HUNG,
        /** The JVM went down. */
        CRASHED,
        /** The test passed. */
        SURVIVED,
        /** Its text is not in the source, or more than once. */
        DOES_NOT_APPLY,
        DOES_NOT_COMPILE,
        /** The test fails without it, always or now and then. */
        RED_WITHOUT_IT,
        /** The test is skipped on this machine; the detail is its reason. */
        SKIPPED
    }

    boolean noticed() {
        return kind == Kind.KILLED || kind == Kind.HUNG || kind == Kind.CRASHED;
    }

    /** As the table of docs/verification.md tells it. */
    String how() {
        String how =
                switch (kind) {
                    case KILLED -> "`" + detail + "`";
                    case HUNG -> "it hung, and was ended";
                    case CRASHED -> "the JVM went down";
                    case SURVIVED -> word();
                    default -> word() + ": " + detail.replace("|", "\\|");
                };
        return runs > 1 ? how + ", run " + runs : how;
    }

    String word() {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
