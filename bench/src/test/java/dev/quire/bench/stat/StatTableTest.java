package dev.quire.bench.stat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is made of two samples. */
final class StatTableTest {
    private static final long SECOND = 1_000_000_000;

    private final Sample before = sample(SECOND, 1);

    /** Every number is its place in the alphabet, times something. */
    private static Sample sample(long nanos, long times) {
        Map<String, Long> numbers = new HashMap<>();
        for (String name :
                List.of(
                        "accesses",
                        "faults",
                        "refaults",
                        "framesScanned",
                        "evictions",
                        "pagesWritten",
                        "writebackPages",
                        "dirtyPages",
                        "freeFrames",
                        "frameWaits",
                        "writeThrottles",
                        "pageWaits",
                        "readErrors",
                        "writeErrors",
                        "syncs",
                        "prefetchedPages",
                        "prefetchesWasted",
                        "directReads",
                        "directWrites",
                        "relocations",
                        "imageFrames")) {
            numbers.put("stats." + name, 0L);
        }
        for (String name : List.of("frameWaitNanos", "writeThrottleNanos", "pageWaitNanos")) {
            numbers.put("stats." + name, 20_000_000 * times);
        }
        numbers.put("stats.accesses", 1000 * times);
        numbers.put("stats.faults", 100 * times);
        numbers.put("stats.dirtyPages", 7 * times);
        numbers.put("stats.readErrors", 3 * times);
        numbers.put("allocator.badPages", 2 * times);
        numbers.put("allocator.deferredFrames", 5L);
        for (int order = 0; order <= Sample.ORDER_MAX; order++) {
            numbers.put("freeBlocks." + order, order * times);
        }
        return new Sample(nanos, numbers);
    }

    @Test
    void shouldKnowAnotherCacheByItsCounts() {
        Sample later = sample(2 * SECOND, 2);
        assertThat(later.follows(before)).isTrue();
        assertThat(before.follows(later)).isFalse();
        assertThat(with(later, "pid", 8).follows(with(before, "pid", 8))).isTrue();
        assertThat(with(later, "pid", 9).follows(with(before, "pid", 8))).isFalse();
    }

    private static Sample with(Sample sample, String name, long number) {
        Map<String, Long> numbers = new HashMap<>(sample.numbers());
        numbers.put(name, number);
        return new Sample(sample.nanos(), numbers);
    }

    @Test
    void shouldTellRatesAndWhatIsNow() {
        JsonObject json =
                JsonParser.parseString(StatTable.json(before, sample(3 * SECOND, 2)).toString())
                        .getAsJsonObject();
        assertThat(json.get("seconds").getAsDouble()).isEqualTo(2);
        assertThat(json.get("accesses").getAsDouble()).isEqualTo(500);
        assertThat(json.get("faults").getAsDouble()).isEqualTo(50);
        assertThat(json.get("hitPercent").getAsDouble()).isEqualTo(90);
        assertThat(json.get("dirty").getAsDouble()).isEqualTo(14);
        assertThat(json.get("errors").getAsDouble()).isEqualTo(5);
        assertThat(json.get("deferred").getAsDouble()).isEqualTo(5);
        assertThat(json.get("stallMillis").getAsDouble()).isEqualTo(30);
        assertThat(json.get("freeByOrder").getAsJsonArray().get(3).getAsInt()).isEqualTo(6);
    }

    @Test
    void shouldTellNoHitRatioWhereNothingWasLookedUp() {
        Sample later = sample(2 * SECOND, 1);
        assertThat(new StatTable(0).line(before, later)).startsWith("     0     -     0");
        assertThat(StatTable.json(before, later).toString()).contains("\"hitPercent\":null");
    }

    @Test
    void shouldShowAsManyColumnsAsATerminalHas() {
        StatTable narrow = new StatTable(80);
        assertThat(narrow.header()).hasSize(78).startsWith("   ops  hit%   flt");
        assertThat(narrow.line(before, sample(3 * SECOND, 2)))
                .hasSize(78)
                .startsWith("   500  90.0    50");
        assertThat(new StatTable(0).header()).endsWith("   o10");
    }

    @Test
    void shouldNameANumberThatAnotherVersionDoesNotCount() {
        Sample other = new Sample(0, Map.of());
        assertThatThrownBy(() -> StatTable.json(other, other))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("name=stats.accesses");
    }
}
