package dev.quire.bench.run;

import dev.quire.allocator.BuddyInfo;
import dev.quire.pagecache.PageCacheStats;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** What a workload and its page cache did in each moment of a run, for its report. One thread. */
final class Timeline implements Watcher {
    private static final long PERIOD_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long PERIOD_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    /** Enough for a line, few enough to draw: short runs have this many moments. */
    private static final int MOMENTS = 120;

    /** Runs of more seconds than this have longer moments. */
    private static final int MOMENTS_MAX = 600;

    private final Sampler sampler;
    private final Supplier<BuddyInfo> buddyInfo;
    private final long periodNanos;
    private final List<Moment> moments = new ArrayList<>();

    /**
     * What happened in a moment, and how things stood at its end.
     *
     * @param seconds when it ended, since the start
     * @param opsPerSecond operations
     * @param hitRatio of the accesses; NaN when there was none
     * @param bytesReadPerSecond from the store
     * @param bytesWrittenPerSecond to the store
     * @param dirtyPages at the end
     * @param freeFrames at the end
     * @param p99Nanos 99 of 100 operations took at most this long; NaN when there was none
     * @param freeFramesByOrder at the end, in free blocks of each order
     */
    record Moment(
            double seconds,
            double opsPerSecond,
            double hitRatio,
            double bytesReadPerSecond,
            double bytesWrittenPerSecond,
            long dirtyPages,
            long freeFrames,
            double p99Nanos,
            List<Long> freeFramesByOrder) {}

    /**
     * A timeline whose clock starts now.
     *
     * @param seconds how long the run shall be
     * @param stats of the page cache
     * @param buddyInfo of its frames
     * @param latencies of the workload, which starts now
     */
    Timeline(
            double seconds,
            Supplier<PageCacheStats> stats,
            Supplier<BuddyInfo> buddyInfo,
            Latencies latencies) {
        this.sampler = new Sampler(stats, latencies);
        this.buddyInfo = buddyInfo;
        this.periodNanos = periodNanos(seconds);
    }

    /** A second, or less in runs too short for that, or more in very long ones. */
    static long periodNanos(double seconds) {
        long wanted = (long) (seconds * 1e9 / MOMENTS);
        long longest = Math.max(PERIOD_NANOS_MAX, (long) (seconds * 1e9 / MOMENTS_MAX));
        return Math.clamp(wanted, PERIOD_NANOS_MIN, longest);
    }

    @Override
    public long periodNanos() {
        return periodNanos;
    }

    @Override
    public void look() {
        moments.add(moment(sampler.take(), buddyInfo.get()));
    }

    /** All moments, in their order. */
    List<Moment> moments() {
        return moments;
    }

    /** What of a sample is kept. */
    static Moment moment(Sample sample, BuddyInfo free) {
        PageCacheStats before = sample.before();
        PageCacheStats now = sample.now();
        return new Moment(
                sample.elapsedNanos() / 1e9,
                sample.opsPerSecond(),
                now.accesses() == before.accesses() ? Double.NaN : sample.hitRatio(),
                sample.perSecond(now.bytesRead() - before.bytesRead()),
                sample.perSecond(now.bytesWritten() - before.bytesWritten()),
                now.dirtyPages(),
                now.freeFrames(),
                sample.latencies().getTotalCount() == 0
                        ? Double.NaN
                        : sample.latencies().getValueAtPercentile(99),
                IntStream.rangeClosed(0, BuddyInfo.ORDER_MAX)
                        .mapToObj(order -> (long) free.freeBlocks(order) << order)
                        .toList());
    }
}
