package dev.quire.bench.report;

/** How wide text is, without a browser to ask: rather too wide than too narrow. */
final class TextWidth {
    /** Of a letter in a text of 13 units, on the mean; wide fonts have 7.6. */
    private static final double LETTER = 7.4;

    private static final double NARROW_LETTER = 4.6;

    private TextWidth() {}

    static double of(String text) {
        return text.chars()
                .mapToDouble(c -> " .,:;'|!()ijlt".indexOf(c) >= 0 ? NARROW_LETTER : LETTER)
                .sum();
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
}
