package dev.quire.bench.trace;

import java.util.Locale;
import java.util.StringTokenizer;

/**
 * Tells a trace's format by its first {@link #BYTES} bytes, unpacked. A zero byte is in no text,
 * and in every page number below 2^24: {@code pages}. Otherwise the first line that is neither
 * empty nor a comment decides: one number is {@code text}, four fields are {@code arc}, five or
 * more with commas between them are {@code spc}.
 */
final class FormatGuess {
    /** How much of a trace is looked at. */
    static final int BYTES = 4096;

    private static final int QUOTED_MAX = 40;

    private FormatGuess() {}

    /**
     * Tells the format.
     *
     * @param start the trace's first bytes, one character each
     * @throws IllegalArgumentException naming the first line that says nothing, when it is none
     */
    static TraceFormat of(String start) {
        if (start.indexOf('\0') >= 0) {
            return TraceFormat.PAGES;
        }
        int number = 0;
        for (String line : start.lines().toList()) {
            number++;
            String content = content(line);
            if (!content.isEmpty()) {
                return ofLine(content, number);
            }
        }
        return TraceFormat.TEXT; // nothing but comments so far
    }

    private static TraceFormat ofLine(String line, int number) {
        int fields = new StringTokenizer(line).countTokens();
        boolean isNumber = line.equals("*") || line.matches("-?\\d+");
        if (fields == 1 && isNumber) {
            return TraceFormat.TEXT;
        }
        if (fields == 4 && line.matches("[-\\d\\s]+")) {
            return TraceFormat.ARC;
        }
        if (line.chars().filter(c -> c == ',').count() >= 4) {
            return TraceFormat.SPC;
        }
        throw new IllegalArgumentException(
                "line "
                        + number
                        + ": looks like no trace, give --format if it is one: "
                        + quoted(line));
    }

    /** What a line says: without its comment and the blanks around it. */
    static String content(String line) {
        int comment = line.indexOf('#');
        return (comment < 0 ? line : line.substring(0, comment)).strip();
    }

    /** What stands there, as far as it can be shown in one line. */
    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("'");
        for (int at = 0; at < Math.min(text.length(), QUOTED_MAX); at++) {
            char c = text.charAt(at);
            shown.append(
                    c < ' ' || c > '~' ? String.format(Locale.ROOT, "\\x%02x", (int) c) : "" + c);
        }
        return shown.append(text.length() > QUOTED_MAX ? "...'" : "'").toString();
    }
}
