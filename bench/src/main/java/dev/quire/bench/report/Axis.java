package dev.quire.bench.report;

import dev.quire.bench.console.Units;

import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * What an axis shows, and how.
 *
 * @param label what its values are, with their unit
 * @param kind how values become places
 * @param format a value in words, its unit included where the label has none
 */
public record Axis(String label, Kind kind, DoubleFunction<String> format) {
    /** How values become places. */
    public enum Kind {
        /** Evenly, from a round value below the least to one above the greatest. */
        LINEAR,
        /** The same for ratios: no further than 1. */
        RATIO,
        /** Evenly, from 0 on. */
        FROM_ZERO,
        /** Evenly, from 0 on and no further than the greatest. */
        TIME,
        /** By their logarithm, marked at round values. */
        LOG,
        /** By their logarithm, marked where the points are. */
        LOG_AT_POINTS,
        /** Percentages by how far they are from 100: as far from 90 to 99 as from 99 to 99.9. */
        PERCENTILES
    }

    /**
     * Evenly, from a round value below the least one on.
     *
     * @param label with its unit
     * @param format of a value
     * @return an axis
     */
    public static Axis linear(String label, DoubleFunction<String> format) {
        return new Axis(label, Kind.LINEAR, format);
    }

    /**
     * Evenly, from 0 on.
     *
     * @param label with its unit
     * @param format of a value
     * @return an axis
     */
    public static Axis fromZero(String label, DoubleFunction<String> format) {
        return new Axis(label, Kind.FROM_ZERO, format);
    }

    /**
     * Logarithmic, marked at round values.
     *
     * @param label with its unit
     * @param format of a value
     * @return an axis for values above 0
     */
    public static Axis log(String label, DoubleFunction<String> format) {
        return new Axis(label, Kind.LOG, format);
    }

    /**
     * Logarithmic, marked where the points are: numbers of threads, sizes of a cache.
     *
     * @param label with its unit
     * @return an axis for whole numbers above 0
     */
    public static Axis counts(String label) {
        return new Axis(label, Kind.LOG_AT_POINTS, value -> Long.toString(Math.round(value)));
    }

    /**
     * Seconds since a start.
     *
     * @return an axis of time
     */
    public static Axis seconds() {
        return new Axis("time, s", Kind.TIME, Axis::plain);
    }

    /**
     * Ratios of 0..1 as percentages.
     *
     * @param label what the ratio is
     * @return an axis from a round value below the least ratio on, to 100 % at most
     */
    public static Axis ratio(String label) {
        return new Axis(label, Kind.RATIO, ratio -> plain(Math.rint(1e4 * ratio) / 100) + " %");
    }

    /**
     * The percentiles of a distribution, the rare ones spread out.
     *
     * @return an axis of percentages, 100 excluded
     */
    public static Axis percentiles() {
        return new Axis("percentile", Kind.PERCENTILES, Axis::plain);
    }

    /**
     * Nanoseconds by their logarithm.
     *
     * @param label what takes that long
     * @return an axis of durations
     */
    public static Axis nanos(String label) {
        return log(label, nanos -> Units.nanos(Math.round(nanos)));
    }

    /** A value beside a line of the grid, where zeros behind the point say nothing. */
    String mark(double value) {
        return format.apply(value)
                .replaceAll("(\\.\\d*?)0+(?!\\d)", "$1")
                .replaceAll("\\.(?!\\d)", "");
    }

    /** A value with what it is, but without its unit: for a tip. */
    String place(double value) {
        return label.split(",", 2)[0] + " " + format.apply(value);
    }

    /**
     * A number without digits that say nothing.
     *
     * @param value any
     * @return at most six digits after the point
     */
    public static String plain(double value) {
        String text = String.format(Locale.ROOT, "%.6f", value);
        String cut = text.replaceAll("0+$", "").replaceAll("\\.$", "");
        return cut.equals("-0") ? "0" : cut;
    }
}
