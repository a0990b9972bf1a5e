package dev.quire.bench.report;

import java.util.List;

/**
 * The figures of one subject.
 *
 * @param subject whose
 * @param points from left to right
 */
public record Series(String subject, List<Point> points) {
    /** Copies the points. */
    public Series {
        points = List.copyOf(points);
    }
}
