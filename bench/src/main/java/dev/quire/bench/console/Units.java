package dev.quire.bench.console;

import java.util.Locale;

/** Numbers in three digits with a unit, for people; plain ASCII, any terminal can show them. */
public final class Units {
    private static final String[] COUNTS = {"", "k", "M", "G", "T"};
    private static final String[] BYTES = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
    private static final String[] TIMES = {" ns", " us", " ms", " s"};

    private Units() {}

    /**
     * A count of things.
     *
     * @param count any number of things
     * @return for example {@code 1.23M}
     */
    public static String count(long count) {
        return scaled((double) count, 1000, COUNTS);
    }

    /**
     * A rate of things.
     *
     * @param count how many in some time
     * @return for example {@code 1.23M}
     */
    public static String rate(double count) {
        return scaled(count, 1000, COUNTS);
    }

    /**
     * A number of bytes, by powers of 1024.
     *
     * @param bytes a number of bytes
     * @return for example {@code 1.50 GiB}
     */
    public static String bytes(long bytes) {
        return scaled((double) bytes, 1024, BYTES);
    }

    /**
     * A duration.
     *
     * @param nanos a duration in nanoseconds
     * @return for example {@code 12.3 us}
     */
    public static String nanos(long nanos) {
        return scaled((double) nanos, 1000, TIMES);
    }

    /**
     * A ratio as a percentage.
     *
     * @param ratio 0..1
     * @return for example {@code 87.3 %}
     */
    public static String percent(double ratio) {
        return String.format(Locale.ROOT, "%.1f %%", ratio * 100);
    }

    private static String scaled(double value, int step, String[] units) {
        int unit = 0;
        double scaled = value;
        // 999.5 would print as 1000: it belongs to the next unit.
        while (scaled >= step - 0.5 && unit < units.length - 1) {
            scaled /= step;
            unit++;
        }
        boolean whole = unit == 0 && scaled == Math.rint(scaled);
        int digits = whole || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", scaled) + units[unit];
    }
}
