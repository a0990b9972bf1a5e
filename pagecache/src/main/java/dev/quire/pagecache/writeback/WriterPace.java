package dev.quire.pagecache.writeback;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Slows writers in proportion: a page that becomes dirty near the hard limit costs a part of the
 * time that the stores take to write one, none at the start of the slow zone and twice that time at
 * its end, so that the number of dirty pages settles in between. The cost is a common debt; whoever
 * comes next when it is worth a pause pays it with one.
 */
final class WriterPace {
    private static final long PAUSE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long WINDOW_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long WINDOW_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long PAGE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1);

    private final AtomicLong debtNanos = new AtomicLong();
    private volatile long pageNanos;
    private final LongSupplier nanoClock;
    private long windowStartNanos;
    private long windowPages;

    WriterPace(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        windowStartNanos = nanoClock.getAsLong();
    }

    /** Pages were written: how long does one take at present? */
    synchronized void written(int pages) {
        long now = nanoClock.getAsLong();
        long elapsed = now - windowStartNanos;
        windowPages += pages;
        if (elapsed > WINDOW_NANOS_MAX) { // there was nothing to do for a while
            startWindow(now);
        } else if (elapsed >= WINDOW_NANOS_MIN) {
            pageNanos = Math.min(elapsed / windowPages, PAGE_NANOS_MAX);
            startWindow(now);
        }
    }

    private void startWindow(long now) {
        windowStartNanos = now;
        windowPages = 0;
    }

    /**
     * A page has become dirty in the slow zone.
     *
     * @param into how many pages into the zone
     * @param zone how many pages the zone has
     */
    void dirtied(long into, long zone) {
        debtNanos.addAndGet(2 * pageNanos * Math.min(into, zone) / Math.max(1, zone));
    }

    /** Whether the debt is worth a pause. */
    boolean due() {
        return debtNanos.get() >= PAUSE_NANOS_MIN;
    }

    /** Takes the debt; what is above a limit is forgiven. */
    long owedNanos() {
        return Math.min(debtNanos.getAndSet(0), PAUSE_NANOS_MAX);
    }
}
