package dev.quire.bench.io;

import dev.quire.bench.console.JsonObject;

import org.jspecify.annotations.Nullable;

/**
 * What one measurement found.
 *
 * @param subject what was measured
 * @param iops requests a second
 * @param bytesPerSecond the same in bytes
 * @param latency from a request to its completion
 * @param cpuNanosPerIo processor time of the whole process, system time included; NaN if not known
 * @param errors requests that failed or came back short, in the warm-up too
 * @param firstError what the first of them said
 */
public record IoResult(
        String subject,
        double iops,
        double bytesPerSecond,
        IoLatency latency,
        double cpuNanosPerIo,
        long errors,
        @Nullable String firstError) {

    /** Adds the figures. */
    JsonObject put(JsonObject json) {
        return json.put("iops", iops)
                .put("bytesPerSecond", bytesPerSecond)
                .put("p50Nanos", latency.nanosAt(50))
                .put("p99Nanos", latency.nanosAt(99))
                .put("p999Nanos", latency.nanosAt(99.9))
                .put("maxNanos", latency.maxNanos())
                .put("cpuNanosPerIo", cpuNanosPerIo)
                .put("errors", errors);
    }
}
