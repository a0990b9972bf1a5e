package dev.quire.allocator;

import java.util.function.LongSupplier;

/** Lets a burst through, then nothing until a pause is over, and counts what it held back. */
final class RateLimit {
    private static final int BURST = 60;
    private static final long WINDOW_NANOS = 60_000_000_000L;

    private final LongSupplier nanoClock;
    private long windowStartNanos;
    private int admitted;
    private long suppressed;

    RateLimit() {
        this(System::nanoTime);
    }

    RateLimit(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        windowStartNanos = nanoClock.getAsLong();
    }

    /**
     * Asks for one more.
     *
     * @return how many were held back since the last one let through; or -1: hold this one back
     */
    synchronized long admit() {
        long nowNanos = nanoClock.getAsLong();
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
