package dev.quire.pagecache.reclaim;

import java.util.concurrent.TimeUnit;

/**
 * How many frames earlier than at the watermarks the background reclaimer begins: as many as are
 * taken until it has come round, at the rate of late, so that those who take them find some. Falls
 * by half at a time, so that a short pause does not undo it. Confined to the reclaimer.
 */
final class ReclaimPace {
    /** From the wake-up to the first frames, on a machine whose cores are busy. */
    static final long REACTION_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long WINDOW_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(5);

    /** Small caches are reclaimed in steps that are large for them already. */
    private static final int FRAMES_MIN = 4096;

    /** Frames that are kept free are missing as cache: 1/256 of them, up to the high watermark. */
    private static final int PART = 512;

    private long windowStartNanos;
    private long allocationsBefore;
    private int ahead;

    ReclaimPace(long nowNanos) {
        windowStartNanos = nowNanos;
    }

    /**
     * Looks at the clock and at what was taken.
     *
     * @param allocations frames taken since the start
     * @param frameCount how many may be used
     * @return 0..1/512 of the frames
     */
    int ahead(long allocations, int frameCount, long nowNanos) {
        int aheadMax = frameCount < FRAMES_MIN ? 0 : frameCount / PART;
        long elapsed = nowNanos - windowStartNanos;
        if (elapsed >= WINDOW_NANOS_MIN) {
            double taken = allocations - allocationsBefore;
            int needed = (int) Math.min(aheadMax, taken * REACTION_NANOS / elapsed);
            ahead = Math.min(aheadMax, Math.max(needed, ahead / 2));
            windowStartNanos = nowNanos;
            allocationsBefore = allocations;
        }
        return ahead;
    }
}
