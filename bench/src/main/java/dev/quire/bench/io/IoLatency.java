package dev.quire.bench.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.DoubleFunction;

/**
 * How long requests took from their submission to their completion.
 *
 * @param percentiles nanoseconds of each of {@link #PERCENTS}, 0 where it is not known
 * @param maxNanos the longest
 */
public record IoLatency(SequencedMap<Double, Long> percentiles, long maxNanos) {
    /** What a curve is drawn of. */
    public static final List<Double> PERCENTS =
            List.of(10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.99);

    /** Latencies of which each percentile is asked for. */
    static IoLatency of(DoubleFunction<Long> nanosAt, long maxNanos) {
        SequencedMap<Double, Long> percentiles = new LinkedHashMap<>();
        for (double percent : PERCENTS) {
            percentiles.put(percent, nanosAt.apply(percent));
        }
        return new IoLatency(percentiles, maxNanos);
    }

    /**
     * One percentile.
     *
     * @param percent one of {@link #PERCENTS}
     * @return its nanoseconds; 0 if it is not known
     */
    public long nanosAt(double percent) {
        return percentiles.getOrDefault(percent, 0L);
    }
}
