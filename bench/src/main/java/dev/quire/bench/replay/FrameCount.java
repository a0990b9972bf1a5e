package dev.quire.bench.replay;

import dev.quire.bench.console.InputException;
import dev.quire.bench.trace.Trace;
import dev.quire.pagecache.PageCacheConfig;

/**
 * A size of the cache: everything it may hold, its free reserve included.
 *
 * @param amount frames, or percent of the pages of the trace
 * @param percent whether it is percent
 */
public record FrameCount(double amount, boolean percent) {
    /** The fewest frames of a page cache. */
    public static final int MIN = PageCacheConfig.PAGES_MIN;

    /** The most frames that are replayed with: 64 GiB of pages, were they used. */
    public static final int MAX = 1 << 24;

    /**
     * Reads a size.
     *
     * @param text a number of frames, or a percentage such as {@code 0.5%}
     * @return the size
     * @throws InputException when it is none, or out of range
     */
    public static FrameCount parse(String text) {
        String trimmed = text.strip();
        if (trimmed.matches("\\d+(\\.\\d+)?%")) {
            double percent = Double.parseDouble(trimmed.substring(0, trimmed.length() - 1));
            if (percent > 0 && percent <= 100) {
                return new FrameCount(percent, true);
            }
        } else if (trimmed.matches("\\d{1,9}")) {
            int frames = Integer.parseInt(trimmed);
            if (frames >= MIN && frames <= MAX) {
                return new FrameCount(frames, false);
            }
        }
        throw new InputException(
                "--frames must be from "
                        + MIN
                        + " to "
                        + MAX
                        + ", or a percentage of the pages above 0% and up to 100%: --frames="
                        + text);
    }

    /**
     * How many frames that is.
     *
     * @param trace whose pages a percentage is of
     * @return rounded, {@link #MIN}..{@link #MAX}
     */
    public int frames(Trace trace) {
        double frames = percent ? amount * trace.pageCount() / 100 : amount;
        return Math.clamp(Math.round(frames), MIN, MAX);
    }
}
