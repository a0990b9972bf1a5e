package dev.quire.mutation;

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
        /** The test fails without it. */
        RED_WITHOUT_IT,
        /** The test is skipped on this machine. */
        SKIPPED
    }

    boolean noticed() {
        return kind == Kind.KILLED || kind == Kind.HUNG || kind == Kind.CRASHED;
    }
}
