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
        for (int i = 0; count > 0; i++) {
            double rest = Math.pow(10, (double) -i / POINTS_A_DECADE);
            if (rest * count < 1) {
                points.add(new Point(100 - 100.0 / count, latencies.getMaxValue()));
                break;
            }
            double percentile = 100 - 100 * rest;
            points.add(new Point(percentile, latencies.getValueAtPercentile(percentile)));
        }
        return new Series(subject, points);
    }
}
