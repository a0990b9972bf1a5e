package dev.quire.pagecache;

/**
 * How the memory of a cache follows the pressure of the system: a step down at once, and after each
 * a while for it to have an effect; a smaller step up after a longer calm. Confined to one thread.
 */
final class PressureSteps {
    /** Percent of the time that somebody waits for memory, from which on it is short. */
    static final double HIGH_PERCENT = 10;

    /** Below it there is enough. */
    static final double LOW_PERCENT = 1;

    /** Looks without a further step down: the signal is an average over ten seconds. */
    static final int SETTLE_LOOKS = 10;

    /** Calm looks before a step up. */
    static final int CALM_LOOKS = 20;

    private static final int DOWN_PART = 8;
    private static final int UP_PART = 16;
    private static final int LEAST_PART = 4;

    private final long mostBytes;
    private final long leastBytes;
    private long bytes;
    private int settling;
    private int calm;

    PressureSteps(long mostBytes, long leastBytes) {
        this.mostBytes = mostBytes;
        this.leastBytes = Math.max(leastBytes, mostBytes / LEAST_PART);
        bytes = mostBytes;
    }

    /** One look at the signal; answers what the cache may use. */
    long next(double stalledPercent) {
        settling = Math.max(0, settling - 1);
        calm = stalledPercent < LOW_PERCENT ? calm + 1 : 0;
        if (stalledPercent >= HIGH_PERCENT && settling == 0) {
            bytes = Math.max(leastBytes, bytes - mostBytes / DOWN_PART);
            settling = SETTLE_LOOKS;
        } else if (calm >= CALM_LOOKS) {
            bytes = Math.min(mostBytes, bytes + mostBytes / UP_PART);
            calm = 0;
        }
        return bytes;
    }
}
