package dev.quire.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where values lie between two places of a drawing, and which ones are marked there. */
final class Scale {
    private static final int[] STEPS = {1, 2, 5};

    /** The rarest percentile that can be shown: one in a billion. */
    private static final double PERCENTILE_MAX = 99.9999999;

    private final Axis.Kind kind;
    private final double least;
    private final double greatest;
    private final double from;
    private final double to;
    private final List<Double> marks;

    /**
     * A scale.
     *
     * @param kind how values become places
     * @param values all that are shown, not empty; NaN is not shown
     * @param from the place of the least value
     * @param to the place of the greatest value
     * @param marksMax how many values are marked, at most; but for {@code LOG_AT_POINTS}
     */
    Scale(Axis.Kind kind, double[] values, double from, double to, int marksMax) {
        this.kind = kind;
        this.from = from;
        this.to = to;
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            if (shows(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
        if (low > high) {
            low = 1; // nothing to show
            high = 1;
        }
        marks =
                switch (kind) {
                    case LINEAR -> even(low, high, marksMax);
                    case RATIO -> ratio(low, high, marksMax);
                    case FROM_ZERO -> even(Math.min(0, low), Math.max(0, high), marksMax);
                    case TIME -> time(high, marksMax);
                    case LOG -> powers(low, high, marksMax);
                    case LOG_AT_POINTS -> points(values, low);
                    case PERCENTILES -> percentiles(high);
                };
        double first = Math.min(low, marks.getFirst());
        double last = Math.max(high, marks.getLast());
        double margin = transform(first) == transform(last) ? 1 : 0; // a single one in the middle
        least = transform(first) - margin;
        greatest = transform(last) + margin;
    }

    /** Whether a value has a place: all but NaN and, with logarithms, what is not above 0. */
    boolean shows(double value) {
        boolean logarithmic = kind == Axis.Kind.LOG || kind == Axis.Kind.LOG_AT_POINTS;
        return Double.isFinite(value) && (!logarithmic || value > 0);
    }

    /** Where a value lies. */
    double at(double value) {
        return from + (transform(value) - least) / (greatest - least) * (to - from);
    }

    /** Which values are marked, from the least to the greatest. */
    List<Double> marks() {
        return marks;
    }

    private double transform(double value) {
        return switch (kind) {
            case LINEAR, RATIO, FROM_ZERO, TIME -> value;
            case LOG, LOG_AT_POINTS -> Math.log10(Math.max(value, Double.MIN_NORMAL));
            case PERCENTILES -> -Math.log10(1 - Math.min(value, PERCENTILE_MAX) / 100);
        };
    }

    /** Round values from one at or below the least to one at or above the greatest. */
    private static List<Double> even(double low, double high, int marksMax) {
        double span = high > low ? high - low : Math.max(Math.abs(high), 1);
        int power = (int) Math.floor(Math.log10(span / marksMax));
        for (int i = 0; ; i++) { // ends: each step is larger than the one before
            double step = STEPS[i % STEPS.length] * Math.pow(10, power + i / STEPS.length);
            long first = (long) Math.floor(low / step + 1e-9);
            long last = Math.max(first + 1, (long) Math.ceil(high / step - 1e-9));
            if (last - first < marksMax) {
                List<Double> marks = new ArrayList<>();
                for (long mark = first; mark <= last; mark++) {
                    // 3 / 10 is 0.3, 3 * 0.1 is not.
                    marks.add(step < 1 ? mark / Math.rint(1 / step) : mark * step);
                }
                return marks;
            }
        }
    }

    /** Where nothing but 1 is shown, the marks lie below it: no ratio is above. */
    private static List<Double> ratio(double low, double high, int marksMax) {
        List<Double> marks = even(low, high, marksMax);
        return marks.getLast() > 1 ? even(0.9, 1, marksMax) : marks;
    }

    private static List<Double> time(double high, int marksMax) {
        return even(0, high, marksMax).stream().filter(mark -> mark <= high || mark == 0).toList();
    }

    /** Powers of ten around the values, or 1, 2 and 5 of each where there is room. */
    private static List<Double> powers(double low, double high, int marksMax) {
        int first = (int) Math.floor(Math.log10(Math.max(low, Double.MIN_NORMAL)) + 1e-9);
        int last = (int) Math.ceil(Math.log10(Math.max(high, Double.MIN_NORMAL)) - 1e-9);
        if ((last - first) * STEPS.length < marksMax) {
            return oneTwoFive(low, high, first, last);
        }
        int stride = Math.ceilDiv(last - first, marksMax - 1);
        List<Double> marks = new ArrayList<>();
        for (int power = first; power < last + stride; power += stride) {
            marks.add(Math.pow(10, power));
        }
        return marks;
    }

    private static List<Double> oneTwoFive(double low, double high, int first, int last) {
        List<Double> marks = new ArrayList<>();
        for (int power = first; power <= last; power++) {
            for (int step : STEPS) {
                marks.add(step * Math.pow(10, power));
            }
        }
        // Only the tightest that still hold the values between them.
        while (marks.size() > 2 && marks.get(1) <= low) {
            marks.removeFirst();
        }
        while (marks.size() > 2 && marks.get(marks.size() - 2) >= high) {
            marks.removeLast();
        }
        return marks;
    }

    private List<Double> points(double[] values, double otherwise) {
        List<Double> points =
                Arrays.stream(values).filter(this::shows).sorted().distinct().boxed().toList();
        return points.isEmpty() ? List.of(otherwise) : points;
    }

    private static List<Double> percentiles(double high) {
        List<Double> marks = new ArrayList<>(List.of(0.0, 50.0));
        double rest = 10;
        while (100 - rest <= high && marks.size() < 11) {
            marks.add(100 - rest);
            rest /= 10;
        }
        return marks;
    }
}
