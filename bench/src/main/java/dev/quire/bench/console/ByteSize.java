package dev.quire.bench.console;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as people write them: {@code 4096}, {@code 8k}, {@code 256m}, {@code 2g}. */
public final class ByteSize {
    private static final Pattern FORM = Pattern.compile("(\\d+)([kmgt]?)(i?b)?");
    private static final String UNITS = "kmgt";

    private ByteSize() {}

    /**
     * Reads a size. A unit is a power of 1024 and may be written {@code k}, {@code K}, {@code kb}
     * or {@code KiB}, and so on to {@code t}.
     *
     * @param text digits and an optional unit
     * @return the size in bytes, 0 or more
     * @throws IllegalArgumentException when the text is no size or does not fit 63 bits; the
     *     message names it
     */
    public static long parse(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a size is a whole number of bytes with an optional k, m, g or t: " + text);
        }
        try {
            String unit = matcher.group(2);
            long factor = unit.isEmpty() ? 1 : 1L << (10 * (UNITS.indexOf(unit) + 1));
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "a size must be below 2^63 bytes, which is 8388608t: " + text, e);
        }
    }

    /**
     * The shortest form that {@link #parse} reads back as the same number.
     *
     * @param bytes 0 or more
     * @return for example {@code 256m}
     */
    public static String format(long bytes) {
        int unit = 0;
        long value = bytes;
        while (value != 0 && value % 1024 == 0 && unit < UNITS.length()) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? Long.toString(value) : value + UNITS.substring(unit - 1, unit);
    }
}
