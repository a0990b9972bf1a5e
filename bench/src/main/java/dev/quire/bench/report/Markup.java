package dev.quire.bench.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** HTML or SVG as it is written, well-formed and with every text escaped. One thread. */
final class Markup {
    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Text as the content of an element, or in an attribute in double quotes.
     *
     * @param text any
     * @return what a browser and an XML parser show as that text; what XML cannot say is replaced
     */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> escaped.append("&amp;");
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '"' -> escaped.append("&quot;");
                                case '\'' -> escaped.append("&#39;");
                                default -> escaped.appendCodePoint(isXml(c) ? c : 0xFFFD);
                            }
                        });
        return escaped.toString();
    }

    private static boolean isXml(int c) {
        boolean plain = c >= ' ' && c < 0xD800;
        boolean above = c > 0xDFFF && c != 0xFFFE && c != 0xFFFF;
        return plain || above || c == '\n' || c == '\t' || c == '\r';
    }

    /** Opens an element; {@link #close} ends it. Attributes are names and values in turns. */
    Markup open(String element, Object... attributes) {
        tag(element, attributes).append('>');
        open.push(element);
        return this;
    }

    /** Ends the element that was opened last. */
    Markup close() {
        text.append("</").append(open.pop()).append(">\n");
        return this;
    }

    /** An element without content. */
    Markup empty(String element, Object... attributes) {
        tag(element, attributes).append("/>\n");
        return this;
    }

    /** An element whose content is text. */
    Markup element(String element, String content, Object... attributes) {
        return open(element, attributes).text(content).close();
    }

    /** Text inside the open element. */
    Markup text(String content) {
        text.append(escape(content));
        return this;
    }

    /** A style sheet, whose own characters stay as they are: it must not have any of HTML's. */
    Markup style(String css) {
        if (css.indexOf('<') >= 0 || css.indexOf('&') >= 0) {
            throw new IllegalArgumentException("a style sheet has no < and no &: css=" + css);
        }
        open("style");
        text.append('\n').append(css);
        return close();
    }

    /** Markup that was written elsewhere, and is whole. */
    Markup markup(Markup other) {
        text.append(other);
        return this;
    }

    /** The whole; every element must have been closed. */
    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: elements=" + open);
        }
        return text.toString();
    }

    private StringBuilder tag(String element, Object... attributes) {
        text.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            String value =
                    attributes[i + 1] instanceof Double number
                            ? number(number)
                            : attributes[i + 1].toString();
            text.append(' ').append(attributes[i]).append("=\"").append(escape(value)).append('"');
        }
        return text;
    }

    /** A tenth of a unit is finer than what anybody sees. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
