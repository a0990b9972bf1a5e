package dev.quire.bench.run;

import dev.quire.pagecache.PageCacheStats;

import org.HdrHistogram.Histogram;

/**
 * What happened between two looks at a workload.
 *
 * @param elapsedNanos since the start
 * @param intervalNanos since the look before, above 0
 * @param before the page cache at the look before
 * @param now the page cache now
 * @param latencies of the operations in between
 */
record Sample(
        long elapsedNanos,
        long intervalNanos,
        PageCacheStats before,
        PageCacheStats now,
        Histogram latencies) {

    /** How many of something there were a second. */
    double perSecond(long count) {
        return count / (intervalNanos / 1e9);
    }

    double opsPerSecond() {
        return perSecond(latencies.getTotalCount());
    }

    /** 0 when nobody asked for a page. */
    double hitRatio() {
        long accesses = now.accesses() - before.accesses();
        return accesses == 0 ? 0 : (double) (now.hits() - before.hits()) / accesses;
    }
}
