package dev.quire.bench.run;

import dev.quire.aio.Engine;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Names;
import dev.quire.bench.console.Units;
import dev.quire.pagecache.PageCacheStats;

import org.HdrHistogram.Histogram;

import java.util.Locale;

/**
 * What a run did and what it proved.
 *
 * @param options what was asked for
 * @param target the file, in a few words
 * @param fileBytes how much of the file was used
 * @param engine the engine that did the I/O
 * @param direct whether the I/O went past the operating system's page cache
 * @param elapsedNanos how long the workload ran
 * @param latencies of its operations
 * @param stats of the page cache, after everything was written back
 * @param pagesVerified how many pages were read again from the closed file
 * @param mismatches how many pages did not hold what they must, in the run or after it
 */
record RunReport(
        RunOptions options,
        String target,
        long fileBytes,
        Engine engine,
        boolean direct,
        long elapsedNanos,
        Latencies latencies,
        PageCacheStats stats,
        long pagesVerified,
        long mismatches) {

    /** Whether every page held what it must, in the run and after it. */
    boolean verified() {
        return mismatches == 0;
    }

    /** The lines for people. */
    String table() {
        Histogram all = latencies.all();
        return String.join(
                System.lineSeparator(),
                row(
                        "run",
                        String.format(
                                Locale.ROOT,
                                "%s, %s pages, %s in memory, %s",
                                Units.bytes(fileBytes),
                                Units.bytes(options.pageBytes()),
                                Units.bytes(options.memoryBytes()),
                                target)),
                row(
                        "",
                        String.format(
                                Locale.ROOT,
                                "%d threads, %d %% reads, %s, engine %s, %s, seed %d",
                                options.threads(),
                                options.readPercent(),
                                Names.of(options.distribution()),
                                Names.of(engine),
                                direct ? "direct" : "buffered",
                                options.seed())),
                row(
                        "throughput",
                        String.format(
                                Locale.ROOT,
                                "%s ops/s, %d operations in %.1f s",
                                Units.rate(perSecond(all.getTotalCount())),
                                all.getTotalCount(),
                                elapsedNanos / 1e9)),
                row(
                        "latency",
                        String.format(
                                Locale.ROOT,
                                "%10s %10s %10s %10s %12s",
                                "p50",
                                "p99",
                                "p99.9",
                                "max",
                                "count")),
                latency("  read", latencies.reads()),
                latency("  write", latencies.writes()),
                row(
                        "hit ratio",
                        String.format(
                                Locale.ROOT,
                                "%s of %d accesses, %d faults",
                                Units.percent(stats.hitRatio()),
                                stats.accesses(),
                                stats.faults())),
                row(
                        "read",
                        String.format(
                                Locale.ROOT,
                                "%s in %d pages",
                                Units.bytes(stats.bytesRead()),
                                stats.pagesRead())),
                row(
                        "written",
                        String.format(
                                Locale.ROOT,
                                "%s in %d pages, %d write errors",
                                Units.bytes(stats.bytesWritten()),
                                stats.pagesWritten(),
                                stats.writeErrors())),
                row(
                        "reclaim",
                        String.format(
                                Locale.ROOT,
                                "%d evictions of %d frames scanned, %d rounds in the background, %d"
                                        + " direct",
                                stats.evictions(),
                                stats.framesScanned(),
                                stats.backgroundReclaims(),
                                stats.directReclaims())),
                row(
                        "stalls",
                        String.format(
                                Locale.ROOT,
                                "%d for frames (%s), %d of writers (%s), %d for pages (%s)",
                                stats.frameWaits(),
                                Units.nanos(stats.frameWaitNanos()),
                                stats.writeThrottles(),
                                Units.nanos(stats.writeThrottleNanos()),
                                stats.pageWaits(),
                                Units.nanos(stats.pageWaitNanos()))),
                row(
                        "memory",
                        String.format(
                                Locale.ROOT,
                                "%s in %d frames, %s of metadata",
                                Units.bytes(stats.frameBytes()),
                                stats.totalFrames(),
                                Units.bytes(stats.metadataBytes()))),
                row(
                        "verified",
                        String.format(
                                Locale.ROOT,
                                "%s: %d pages read again from the closed file, %d mismatches",
                                verified() ? "yes" : "NO",
                                pagesVerified,
                                mismatches)));
    }

    /** The object for programs. */
    JsonObject json() {
        Histogram all = latencies.all();
        return latencyKeys(
                        new JsonObject()
                                .put("ops", all.getTotalCount())
                                .put("opsPerSecond", perSecond(all.getTotalCount()))
                                .put("seconds", elapsedNanos / 1e9)
                                .put("hitRatio", stats.hitRatio())
                                .put("accesses", stats.accesses())
                                .put("hits", stats.hits())
                                .put("faults", stats.faults())
                                .put("pagesRead", stats.pagesRead())
                                .put("pagesWritten", stats.pagesWritten())
                                .put("bytesRead", stats.bytesRead())
                                .put("bytesWritten", stats.bytesWritten())
                                .put("writeErrors", stats.writeErrors())
                                .put("evictions", stats.evictions())
                                .put("framesScanned", stats.framesScanned())
                                .put("backgroundReclaims", stats.backgroundReclaims())
                                .put("directReclaims", stats.directReclaims())
                                .put("stalls", stats.stalls())
                                .put("stallNanos", stats.stallNanos())
                                .put("pageWaits", stats.pageWaits())
                                .put("pageWaitNanos", stats.pageWaitNanos())
                                .put("frameBytes", stats.frameBytes())
                                .put("metadataBytes", stats.metadataBytes())
                                .put("engine", Names.of(engine))
                                .put("direct", direct)
                                .put("pageBytes", options.pageBytes())
                                .put("memoryBytes", options.memoryBytes())
                                .put("fileBytes", fileBytes)
                                .put("threads", options.threads())
                                .put("readPercent", options.readPercent())
                                .put("distribution", Names.of(options.distribution()))
                                .put("seed", options.seed()),
                        all)
                .put("read", operation(latencies.reads()))
                .put("write", operation(latencies.writes()))
                .put("verified", verified())
                .put("pagesVerified", pagesVerified)
                .put("mismatches", mismatches);
    }

    private double perSecond(long count) {
        return count / (elapsedNanos / 1e9);
    }

    private static JsonObject operation(Histogram latency) {
        return latencyKeys(new JsonObject().put("ops", latency.getTotalCount()), latency);
    }

    private static JsonObject latencyKeys(JsonObject object, Histogram latency) {
        return object.put("p50Nanos", latency.getValueAtPercentile(50))
                .put("p99Nanos", latency.getValueAtPercentile(99))
                .put("p999Nanos", latency.getValueAtPercentile(99.9))
                .put("maxNanos", latency.getMaxValue());
    }

    private static String latency(String name, Histogram latency) {
        if (latency.getTotalCount() == 0) {
            return row(name, String.format(Locale.ROOT, "%10s", "none"));
        }
        return row(
                name,
                String.format(
                        Locale.ROOT,
                        "%10s %10s %10s %10s %12d",
                        Units.nanos(latency.getValueAtPercentile(50)),
                        Units.nanos(latency.getValueAtPercentile(99)),
                        Units.nanos(latency.getValueAtPercentile(99.9)),
                        Units.nanos(latency.getMaxValue()),
                        latency.getTotalCount()));
    }

    private static String row(String name, String text) {
        return String.format(Locale.ROOT, "%-12s%s", name, text);
    }
}
