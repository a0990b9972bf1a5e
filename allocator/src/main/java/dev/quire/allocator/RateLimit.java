package dev.quire.allocator;

/** Lets a burst through, then nothing until a pause is over, and counts what it held back. */
final class RateLimit {
    private static final int BURST = 60;
    private static final long WINDOW_NANOS = 60_000_000_000L;

    private long windowStartNanos = System.nanoTime();
    private int admitted;
    private long suppressed;

    /**
     * Asks for one more.
     *
     * @return how many were held back since the last one let through; or -1: hold this one back
     */
    synchronized long admit() {
        long nowNanos = System.nanoTime();
        if (nowNanos - windowStartNanos >= WINDOW_NANOS) {
            windowStartNanos = nowNanos;
            admitted = 0;
        }
        if (admitted == BURST) {
            suppressed++;
            return -1;
        }
        admitted++;
        long before = suppressed;
        suppressed = 0;
        return before;
    }
}
