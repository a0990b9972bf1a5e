package dev.quire.bench.suite;

import dev.quire.bench.console.Units;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** How figures are written for people. */
final class Figures {
    private static final String NONE = "-";

    /** Below, nanoseconds are read more easily than parts of microseconds. */
    private static final double PLAIN_NANOS_MAX = 10_000;

    private Figures() {}

    static String value(Measurement of) {
        return format(of.value(), of.unit());
    }

    static String error(Measurement of) {
        Double error = of.error();
        return error == null ? NONE : format(error, of.unit());
    }

    static String bytesPerOp(Measurement of) {
        Double bytes = of.bytesPerOp();
        return bytes == null ? NONE : String.format(Locale.ROOT, "%.0f", bytes);
    }

    /** How many times Quire's value; nothing where Quire has none. */
    static String ratio(Measurement of, List<Measurement> row) {
        Measurement quire = quire(row);
        if (quire == null || quire.value() == 0) {
            return NONE;
        }
        double ratio = of.value() / quire.value();
        if (of.value() == 0) {
            return "0";
        }
        // A thousandth is not nothing.
        int decimals = ratio < 0.0995 ? 4 : ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0;
        String text = String.format(Locale.ROOT, "%." + decimals + "f", ratio);
        return overlaps(of, quire) ? "~" + text : text;
    }

    static @Nullable Measurement quire(List<Measurement> row) {
        return row.stream()
                .filter(each -> each.subject().equals(Catalogue.QUIRE))
                .findFirst()
                .orElse(null);
    }

    /** Whether the two intervals have a point in common, so that neither is shown to be better. */
    private static boolean overlaps(Measurement of, Measurement quire) {
        Double error = of.error();
        Double other = quire.error();
        return !of.equals(quire)
                && error != null
                && other != null
                && Math.abs(of.value() - quire.value()) <= error + other;
    }

    /** A figure with its unit, for a picture. */
    static DoubleFunction<String> withUnit(String unit) {
        return value ->
                switch (unit) {
                    case Measurement.NANOS ->
                            value < PLAIN_NANOS_MAX
                                    ? digits(value) + " ns"
                                    : Units.nanos(Math.round(value));
                    case Measurement.RATE -> Units.rate(value) + "/s";
                    case Measurement.PAGE_BYTES -> digits(value) + " B";
                    default -> format(value, unit);
                };
    }

    private static String format(double value, String unit) {
        return switch (unit) {
            case Measurement.RATE -> Units.rate(value);
            case Measurement.HIT_RATIO -> String.format(Locale.ROOT, "%.2f %%", 100 * value);
            default -> digits(value);
        };
    }

    /** Three digits or more, never fewer. */
    private static String digits(double value) {
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
