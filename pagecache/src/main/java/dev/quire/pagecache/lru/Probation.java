package dev.quire.pagecache.lru;

/**
 * How many of a shard's pages should be on probation: one more when a page comes back that has just
 * left it, one less when one comes back that has just left the main list. Not thread-safe.
 */
final class Probation {
    /** Of the shard's frames: the window in which an eviction counts as a mistake. */
    private static final int REGRET_PART = 10;

    private static final int TARGET_PART_START = 10;
    private static final int TARGET_PART_MIN = 100;
    private static final int TARGET_PART_MAX = 2;

    private static final int SIZES_MEANT = 64;

    private int share;
    private int regretWindow;
    private int targetMin;
    private int targetMax;
    private int target;

    /** How many pages the shard has when one has to go: what is held free is not counted. */
    private int full;

    /** The same, {@link #SIZES_MEANT} times. */
    private int fullSum;

    Probation(int share) {
        target = Math.max(1, share / TARGET_PART_START);
        sizeFor(share);
    }

    private void sizeFor(int share) {
        this.share = share;
        full = share;
        fullSum = share * SIZES_MEANT;
        targetMin = Math.max(1, share / TARGET_PART_MIN);
        targetMax = Math.max(1, share / TARGET_PART_MAX);
        regretWindow = Math.clamp(share / REGRET_PART, 1, RtqMemo.EVICTIONS_MAX / 2);
    }

    /** The shard shall have more pages, or fewer; probation keeps its part of them. */
    void resize(int share) {
        long part = (long) target * share / this.share;
        sizeFor(share);
        target = Math.clamp(part, targetMin, targetMax);
    }

    /** A page comes back; if it had just left, its list was too short. */
    void adapt(long memo, int evictionsOfItsList) {
        if (RtqMemo.evictionsSince(memo, evictionsOfItsList) <= regretWindow) {
            int step = RtqMemo.fromMain(memo) ? -1 : 1;
            target = Math.clamp(target + step, targetMin, targetMax);
        }
    }

    /**
     * So many pages are there as one has to go. The mean of many such times counts: with a limit
     * that follows each, pages of the main list would come and go with it.
     */
    void note(int linked) {
        fullSum += linked - full;
        full = fullSum / SIZES_MEANT;
    }

    int target() {
        return target;
    }

    /** How many pages the main list may have. */
    int mainMax() {
        return full - target;
    }
}
