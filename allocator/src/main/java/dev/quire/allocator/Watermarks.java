package dev.quire.allocator;

/**
 * Free frames at which reclaim begins and ends.
 *
 * @param minFrames kept for reclaim, write-back and completions
 * @param lowFrames below it background reclaim is woken
 * @param highFrames up to it background reclaim runs
 * @param fixed whether they were chosen by the user, so that min counts without a shrinker too
 */
record Watermarks(int minFrames, int lowFrames, int highFrames, boolean fixed) {
    /** A capacity below this has no reserve unless it is asked for. */
    private static final int RESERVE_CAPACITY_MIN = 16;

    /** No more than this part of the capacity is the reserve, or a gap. */
    private static final int CAPACITY_PART = 512;

    /** A small capacity's reserve is as large as this, if it is no more than that part. */
    private static final int FEW_FRAMES = 4;

    private static final int FEW_FRAMES_PART = 128;

    /** Linux's bounds for its own min. */
    private static final long MIN_KIB_FLOOR = 128;

    private static final long MIN_KIB_CEILING = 256 << 10;

    /**
     * Watermarks after Linux, whose min is 4 times the square root of the memory in KiB; but never
     * more than a small part of the capacity: what is held free, a page cache has not got. Where
     * its hit ratio is steepest, 1 % of the frames is half a point of it.
     *
     * @param capacityFrames frames of the region
     * @param pageBytes bytes of a frame
     * @return watermarks that count while a shrinker is registered
     */
    static Watermarks scaled(int capacityFrames, int pageBytes) {
        long pageKib = pageBytes >> 10;
        long rootKib = 4 * (long) Math.sqrt((double) (capacityFrames * pageKib));
        long minFrames = Math.clamp(rootKib, MIN_KIB_FLOOR, MIN_KIB_CEILING) / pageKib;
        int part = capacityFrames / CAPACITY_PART;
        int few = Math.min(FEW_FRAMES, capacityFrames / FEW_FRAMES_PART);
        int least = capacityFrames < RESERVE_CAPACITY_MIN ? 0 : 1;
        int min = (int) Math.min(minFrames, Math.max(part, Math.max(few, least)));
        int gap = Math.max(1, Math.max(min / 2, part));
        int low = Math.min(min + gap, capacityFrames);
        return new Watermarks(min, low, Math.min(low + gap, capacityFrames), false);
    }
}
