package dev.quire.pagecache.readahead;

/**
 * How many pages are read ahead at a time: few at first, then four times as many while that is
 * little, then twice as many, up to a limit.
 *
 * <p>Source: the shape, not the figures, of Linux {@code mm/readahead.c}.
 */
final class WindowRamp {
    /** Pages of the first window, the one that was asked for included. */
    static final int FIRST = 4;

    /** Below this part of the limit, windows grow by a factor of 4. */
    private static final int SMALL_PART = 16;

    private WindowRamp() {}

    /** The first window of a stream, 1..max pages. */
    static int first(int max) {
        return Math.min(FIRST, max);
    }

    /** The window after one of so many pages, 1..max pages. */
    static int next(int pages, int max) {
        long factor = pages < max / SMALL_PART ? 4 : 2;
        return Math.clamp(pages * factor, 1, max);
    }
}
