package dev.quire.bench.console;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One JSON object on one line, its keys in the order in which they were put. One thread. */
public final class JsonObject {
    private final StringBuilder text = new StringBuilder("{");

    /** An object without keys. */
    public JsonObject() {}

    /**
     * Adds a whole number.
     *
     * @param key not put before
     * @param value any whole number
     * @return this
     */
    public JsonObject put(String key, long value) {
        return raw(key, Long.toString(value));
    }

    /**
     * Adds a number.
     *
     * @param key not put before
     * @param value a number; infinities and NaN, which JSON cannot say, become {@code null}
     * @return this
     */
    public JsonObject put(String key, double value) {
        return raw(
                key, Double.isFinite(value) ? String.format(Locale.ROOT, "%.6f", value) : "null");
    }

    /**
     * Adds a truth value.
     *
     * @param key not put before
     * @param value true or false
     * @return this
     */
    public JsonObject put(String key, boolean value) {
        return raw(key, Boolean.toString(value));
    }

    /**
     * Adds a text.
     *
     * @param key not put before
     * @param value any text
     * @return this
     */
    public JsonObject put(String key, String value) {
        return raw(key, quoted(value));
    }

    /**
     * Adds an object inside this one.
     *
     * @param key not put before
     * @param value an object of its own
     * @return this
     */
    public JsonObject put(String key, JsonObject value) {
        return raw(key, value.toString());
    }

    /**
     * Adds an array of whole numbers.
     *
     * @param key not put before
     * @param values any whole numbers
     * @return this
     */
    public JsonObject put(String key, int[] values) {
        return raw(key, Arrays.toString(values).replace(" ", ""));
    }

    /**
     * Adds an array of objects.
     *
     * @param key not put before
     * @param values objects of their own
     * @return this
     */
    public JsonObject put(String key, List<JsonObject> values) {
        return raw(
                key,
                values.stream()
                        .map(JsonObject::toString)
                        .collect(Collectors.joining(",", "[", "]")));
    }

    @Override
    public String toString() {
        return text + "}";
    }

    private JsonObject raw(String key, String value) {
        if (text.length() > 1) {
            text.append(',');
        }
        text.append(quoted(key)).append(':').append(value);
        return this;
    }

    private static String quoted(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int at = 0; at < value.length(); at++) {
            char c = value.charAt(at);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
