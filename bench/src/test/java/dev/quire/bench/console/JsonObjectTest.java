package dev.quire.bench.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;

import org.junit.jupiter.api.Test;

import java.util.List;

final class JsonObjectTest {
    @Test
    void shouldBeReadBackByAParser() {
        String awkward = "a \"quoted\" \\ back\nline \u0001 \u00e9 \ud83d\ude00";
        String text =
                new JsonObject()
                        .put("long", Long.MIN_VALUE)
                        .put("double", 0.125)
                        .put("nan", Double.NaN)
                        .put("true", true)
                        .put("te\"xt", awkward)
                        .put("inner", new JsonObject().put("one", 1))
                        .toString();

        com.google.gson.JsonObject read = JsonParser.parseString(text).getAsJsonObject();

        assertThat(text).doesNotContain("\n");
        assertThat(read.get("long").getAsLong()).isEqualTo(Long.MIN_VALUE);
        assertThat(read.get("double").getAsDouble()).isEqualTo(0.125);
        assertThat(read.get("nan").isJsonNull()).isTrue();
        assertThat(read.get("true").getAsBoolean()).isTrue();
        assertThat(read.get("te\"xt").getAsString()).isEqualTo(awkward);
        assertThat(read.get("inner").getAsJsonObject().get("one").getAsInt()).isOne();
    }

    @Test
    void shouldHoldArraysOfObjects() {
        String text =
                new JsonObject()
                        .put("none", List.of())
                        .put("two", List.of(new JsonObject().put("a", 1), new JsonObject()))
                        .toString();
        assertThat(text).isEqualTo("{\"none\":[],\"two\":[{\"a\":1},{}]}");
    }

    @Test
    void shouldBeEmptyWithoutKeys() {
        assertThat(new JsonObject()).hasToString("{}");
    }
}
