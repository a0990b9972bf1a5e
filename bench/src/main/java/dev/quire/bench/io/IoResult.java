package dev.quire.bench.io;

import dev.quire.bench.console.JsonObject;

import org.jspecify.annotations.Nullable;

/**
 * What one measurement found.
 *
 * @param subject what was measured
 * @param iops requests a second
 * @param bytesPerSecond the same in bytes
 * @param p50Nanos median of the time from a request to its completion
 * @param p99Nanos 99th percentile of it
 * @param p999Nanos 99.9th percentile of it
 * @param maxNanos longest
 * @param cpuNanosPerIo processor time of the whole process, system time included; NaN if not known
 * @param errors requests that failed or came back short, in the warm-up too
 * @param firstError what the first of them said
 */
public record IoResult(
        String subject,
        double iops,
        double bytesPerSecond,
        long p50Nanos,
        long p99Nanos,
        long p999Nanos,
        long maxNanos,
        double cpuNanosPerIo,
        long errors,
        @Nullable String firstError) {

    /** Adds the figures. */
    JsonObject put(JsonObject json) {
        return json.put("iops", iops)
                .put("bytesPerSecond", bytesPerSecond)
                .put("p50Nanos", p50Nanos)
                .put("p99Nanos", p99Nanos)
                .put("p999Nanos", p999Nanos)
                .put("maxNanos", maxNanos)
                .put("cpuNanosPerIo", cpuNanosPerIo)
                .put("errors", errors);
    }
}
