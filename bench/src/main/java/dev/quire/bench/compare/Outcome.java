package dev.quire.bench.compare;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.report.Point;

import java.util.List;

/**
 * What one subject did with the workload; it comes from its process as JSON.
 *
 * @param subject who
 * @param requests in the time that counts
 * @param seconds how long that was
 * @param reads how long point reads took
 * @param writes how long writes took
 * @param scans how long scans took
 * @param cpuNanos processor time of the process in that time; the kernel's own threads are not in
 *     it
 * @param bytesRead from the device, for this process, in that time
 * @param bytesWritten to the device, for this process, in that time; where pages are the kernel's,
 *     what was made dirty in them
 * @param pageMemoryBytes what its pages took at the end, tables included
 * @param syncSeconds how long it took in the end to make everything durable
 * @param rates requests a second over the seconds since the start, warming up included
 * @param p99s of all requests, in nanoseconds, over the same
 */
record Outcome(
        String subject,
        long requests,
        double seconds,
        Times reads,
        Times writes,
        Times scans,
        double cpuNanos,
        long bytesRead,
        long bytesWritten,
        long pageMemoryBytes,
        double syncSeconds,
        List<Point> rates,
        List<Point> p99s) {

    /**
     * How long requests of a kind took.
     *
     * @param count how many there were
     * @param p50Nanos the median
     * @param p99Nanos 99 of 100 took at most this long
     * @param p999Nanos 999 of 1000 took at most this long
     * @param maxNanos the longest
     * @param curve nanoseconds over percentiles
     */
    record Times(
            long count,
            long p50Nanos,
            long p99Nanos,
            long p999Nanos,
            long maxNanos,
            List<Point> curve) {
        JsonObject json() {
            return new JsonObject()
                    .put("count", count)
                    .put("p50Nanos", p50Nanos)
                    .put("p99Nanos", p99Nanos)
                    .put("p999Nanos", p999Nanos)
                    .put("maxNanos", maxNanos);
        }
    }

    Outcome withPageMemory(long bytes) {
        return new Outcome(
                subject,
                requests,
                seconds,
                reads,
                writes,
                scans,
                cpuNanos,
                bytesRead,
                bytesWritten,
                bytes,
                syncSeconds,
                rates,
                p99s);
    }

    double requestsPerSecond() {
        return requests / seconds;
    }

    double cpuNanosPerRequest() {
        return requests == 0 ? Double.NaN : cpuNanos / requests;
    }

    double bytesReadPerRequest() {
        return requests == 0 ? Double.NaN : (double) bytesRead / requests;
    }

    /**
     * The slowest interval of those that count, over their mean: 1 is flat, 0 is standing still.
     */
    double slowestInterval() {
        double end = rates.isEmpty() ? 0 : rates.getLast().x();
        return rates.stream()
                        .filter(point -> point.x() > end - seconds * 0.999)
                        .mapToDouble(Point::y)
                        .min()
                        .orElse(Double.NaN)
                / requestsPerSecond();
    }

    JsonObject json() {
        return new JsonObject()
                .put("subject", subject)
                .put("requests", requests)
                .put("seconds", seconds)
                .put("requestsPerSecond", requestsPerSecond())
                .put("slowestInterval", slowestInterval())
                .put("cpuNanosPerRequest", cpuNanosPerRequest())
                .put("bytesRead", bytesRead)
                .put("bytesWritten", bytesWritten)
                .put("pageMemoryBytes", pageMemoryBytes)
                .put("syncSeconds", syncSeconds)
                .put("read", reads.json())
                .put("write", writes.json())
                .put("scan", scans.json())
                .put("rates", over(rates, "requestsPerSecond"))
                .put("p99s", over(p99s, "p99Nanos"));
    }

    private static List<JsonObject> over(List<Point> seconds, String what) {
        return seconds.stream()
                .map(point -> new JsonObject().put("second", point.x()).put(what, point.y()))
                .toList();
    }
}
