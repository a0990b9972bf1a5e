package dev.quire.bench.report;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;

/** A distribution of latencies as a line over its percentiles. */
public final class LatencyCurve {
    /** Between two percentiles of which one is ten times as rare. */
    private static final int POINTS_A_DECADE = 10;

    private LatencyCurve() {}

    /**
     * A line, in nanoseconds over percentiles.
     *
     * @param subject whose
     * @param latencies in nanoseconds
     * @return points up to the one operation that took the longest; none when there was none
     */
    public static Series of(String subject, Histogram latencies) {
        long count = latencies.getTotalCount();
        List<Point> points = new ArrayList<>();
        double rest = 1;
        for (int i = 0; rest * count >= 1; i++) {
            double percentile = 100 - 100 * rest;
            points.add(new Point(percentile, latencies.getValueAtPercentile(percentile)));
            rest = Math.pow(10, -(i + 1.0) / POINTS_A_DECADE);
        }
        if (count > 0) {
            points.add(new Point(100 - 100.0 / count, latencies.getMaxValue()));
        }
        return new Series(subject, points);
    }
}
