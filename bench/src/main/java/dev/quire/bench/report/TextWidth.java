package dev.quire.bench.report;

import java.util.ArrayList;
import java.util.List;

/** How wide text of 13 units is, without a browser to ask: rather too wide than too narrow. */
final class TextWidth {
    private static final double LETTER = 8.3;
    private static final double NARROW = 5.3;
    private static final double WIDE = 12.8;

    private TextWidth() {}

    static double of(String text) {
        return text.chars().mapToDouble(TextWidth::of).sum();
    }

    private static double of(int letter) {
        if (" .,:;'|!()-ijlt".indexOf(letter) >= 0) {
            return NARROW;
        }
        return "mwMW%@".indexOf(letter) >= 0 ? WIDE : LETTER;
    }

    /** The text, or as much of its beginning as has room. */
    static String fit(String text, double width) {
        if (of(text) <= width) {
            return text;
        }
        int length = text.length();
        while (length > 1 && of(text.substring(0, length)) + LETTER > width) {
            length--;
        }
        return text.substring(0, length) + "\u2026";
    }

    /** The text in lines that have room, parted at spaces. */
    static List<String> lines(String text, double width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && of(line + " " + word) > width) {
                lines.add(fit(line.toString(), width));
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(fit(line.toString(), width));
        return lines;
    }
}
