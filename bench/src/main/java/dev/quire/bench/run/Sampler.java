package dev.quire.bench.run;

import dev.quire.pagecache.PageCacheStats;

import java.util.function.Supplier;

/** Makes samples of a workload, one after the other. One thread. */
final class Sampler {
    private final Supplier<PageCacheStats> stats;
    private final Latencies.Interval latencies;
    private final long startNanos;
    private long beforeNanos;
    private PageCacheStats before;

    /**
     * A sampler whose clock starts now.
     *
     * @param stats of the page cache
     * @param latencies of the workload, which starts now
     */
    Sampler(Supplier<PageCacheStats> stats, Latencies latencies) {
        this.stats = stats;
        this.latencies = latencies.interval();
        this.startNanos = System.nanoTime();
        this.beforeNanos = startNanos;
        this.before = stats.get();
    }

    /** What happened since the last sample. */
    Sample take() {
        long nowNanos = System.nanoTime();
        PageCacheStats now = stats.get();
        Sample sample =
                new Sample(
                        nowNanos - startNanos,
                        Math.max(1, nowNanos - beforeNanos),
                        before,
                        now,
                        latencies.take());
        beforeNanos = nowNanos;
        before = now;
        return sample;
    }
}
