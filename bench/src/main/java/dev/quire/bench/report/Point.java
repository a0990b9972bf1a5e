package dev.quire.bench.report;

/**
 * A figure at a place.
 *
 * @param x where
 * @param y how much; NaN when it is not known
 * @param error how far it may be off; 0 when nothing is said of that
 */
public record Point(double x, double y, double error) {
    /**
     * A figure without an error.
     *
     * @param x where
     * @param y how much; NaN when it is not known
     */
    public Point(double x, double y) {
        this(x, y, 0);
    }
}
