package dev.quire.bench.suite;

import com.google.gson.annotations.SerializedName;

import dev.quire.bench.console.JsonObject;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One figure.
 *
 * @param group what it belongs to, as it is typed
 * @param scenario what was done
 * @param subject by whom
 * @param threads how many threads did it
 * @param value the figure; a time is that of each thread
 * @param error half the width of its confidence interval of 99.9 %; null when one measurement tells
 *     nothing of that, or the figure is exact
 * @param unit what the value counts: {@link #NANOS} and others
 * @param bytesPerOp heap allocated for an operation; null when it was not measured
 * @param frames pages the cache could hold; null where that is not what differs
 * @param latencyNanos how long operations took, by percentile; null where not each was timed
 */
public record Measurement(
        String group,
        @SerializedName("case") String scenario,
        String subject,
        int threads,
        double value,
        @Nullable Double error,
        String unit,
        @Nullable Double bytesPerOp,
        @Nullable Integer frames,
        @Nullable SequencedMap<String, Double> latencyNanos) {
    /** The unit of a time: nanoseconds an operation. */
    public static final String NANOS = "ns/op";

    /** The unit of a rate: operations a second. */
    public static final String RATE = "ops/s";

    /** The unit of a hit ratio, 0..1. */
    public static final String HIT_RATIO = "hit ratio";

    /** The unit of memory: bytes a page. */
    public static final String PAGE_BYTES = "bytes/page";

    /**
     * Which way is better.
     *
     * @param unit of values
     * @return whether less of it is
     */
    public static boolean lowerIsBetter(String unit) {
        return !unit.equals(RATE) && !unit.equals(HIT_RATIO);
    }

    /** The object for programs; what was not measured is null, or not there at all. */
    JsonObject json() {
        JsonObject json =
                new JsonObject()
                        .put("group", group)
                        .put("case", scenario)
                        .put("subject", subject)
                        .put("threads", threads)
                        .put("value", value)
                        .put("error", orNaN(error))
                        .put("unit", unit)
                        .put("bytesPerOp", orNaN(bytesPerOp));
        if (frames != null) {
            json.put("frames", frames);
        }
        if (latencyNanos != null) {
            JsonObject percentiles = new JsonObject();
            for (Map.Entry<String, Double> percentile : latencyNanos.entrySet()) {
                percentiles.put(percentile.getKey(), (double) percentile.getValue());
            }
            json.put("latencyNanos", percentiles);
        }
        return json;
    }

    /** JSON has no such number; what writes it says null. */
    private static double orNaN(@Nullable Double number) {
        return number == null ? Double.NaN : number;
    }

    /** A percentile as a key. */
    static String percentile(double percent) {
        return percent == Math.rint(percent)
                ? String.format(Locale.ROOT, "%.0f", percent)
                : Double.toString(percent);
    }
}
