package dev.quire.aio;

/**
 * The life of a request in one word, as pure steps: old word to new word, or {@link #REFUSED}.
 *
 * <pre>
 *  63                                32 31        3      2          1       0
 * +------------------------------------+-----------+------------+--------+------+
 * |             generation             |     0     | completion | submit | live |
 * +------------------------------------+-----------+------------+--------+------+
 * submit: the submitting side still holds it     completion: the operation is not over
 *
 *   FREE --begin--> both sides --submitted--> completion side --finished--> QUIET --free--> FREE
 *                       |                                                     ^
 *                       +------finished-----> submit side ----submitted-------+
 * </pre>
 *
 * <p>Whoever makes the word QUIET, and nobody else, sees to the report and frees the request. A
 * step carries the generation it was begun with: a late or second event of an earlier life is
 * refused.
 */
final class RequestState {
    /** What a step that must not happen answers; no word has these bits. */
    static final long REFUSED = -1;

    static final long LIVE = 1;
    static final long SUBMIT = 1 << 1;
    static final long COMPLETION = 1 << 2;

    private static final int GENERATION_SHIFT = 32;

    private RequestState() {}

    static int generation(long word) {
        return (int) (word >>> GENERATION_SHIFT);
    }

    static boolean isQuiet(long word) {
        return (word & (LIVE | SUBMIT | COMPLETION)) == LIVE;
    }

    static boolean isRunning(long word) {
        return (word & COMPLETION) != 0;
    }

    /** A free request is taken into a new life, held by both sides. */
    static long begin(long word) {
        if ((word & LIVE) != 0) {
            return REFUSED;
        }
        long generation = Integer.toUnsignedLong(generation(word) + 1);
        return generation << GENERATION_SHIFT | LIVE | SUBMIT | COMPLETION;
    }

    /** The submitting side lets go; it may not look at the request again unless it is quiet now. */
    static long submitted(long word, int generation) {
        return drop(word, generation, SUBMIT);
    }

    /** The operation is over, its result is in the request. */
    static long finished(long word, int generation) {
        return drop(word, generation, COMPLETION);
    }

    /** A quiet request ends its life. */
    static long free(long word) {
        return isQuiet(word) ? word & ~LIVE : REFUSED;
    }

    static String text(long word) {
        return "generation "
                + generation(word)
                + ((word & LIVE) == 0 ? ", free" : ", live")
                + ((word & SUBMIT) == 0 ? "" : ", submit side")
                + ((word & COMPLETION) == 0 ? "" : ", completion side");
    }

    private static long drop(long word, int generation, long side) {
        boolean held = (word & LIVE) != 0 && (word & side) != 0;
        return held && generation(word) == generation ? word & ~side : REFUSED;
    }
}
