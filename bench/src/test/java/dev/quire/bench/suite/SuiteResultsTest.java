package dev.quire.bench.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.quire.bench.console.InputException;
import dev.quire.bench.report.Bar;
import dev.quire.bench.report.BarChart;
import dev.quire.bench.report.LineChart;
import dev.quire.bench.report.Point;
import dev.quire.bench.report.Series;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What came of a run, as an object for programs and as tables for people. */
final class SuiteResultsTest {
    private static final SuiteResults RESULTS =
            new SuiteResults(
                    List.of(
                            nanos("hit", "hot256", "quire", 1, 4.0, 0.5),
                            nanos("hit", "hot256", "raw", 1, 3.6, 0.2),
                            nanos("hit", "hot256", "caffeine", 1, 60.0, 5.0),
                            nanos("hit", "hot256", "quire", 2, 4.2, null),
                            nanos("miss", "fromMemory", "chm", 1, 1234.5, 1.0),
                            rate("quire", 12_345.0),
                            ratio("zipf@1%", "quire", 0.5148, 200),
                            ratio("zipf@1%", "lru", 0.4067, 200)),
                    "2026-01-31",
                    "2 processors (\"some\" chip)",
                    0.25,
                    "./quire bench --json",
                    "1 fork, 2 + 5 iterations of 0.2 s",
                    new LinkedHashMap<>(Map.of("all", "-Xmx2g")),
                    List.of("aio fio: not there"));

    @TempDir private Path folder;

    @Test
    void shouldPrintOneObjectWithWhatWasNotMeasuredAsNull() {
        String line = RESULTS.json().toString();
        JsonObject json = JsonParser.parseString(line).getAsJsonObject();

        assertThat(line.lines()).hasSize(1);
        assertThat(line).startsWith("{\"results\":[{\"group\":\"hit\",\"case\":\"hot256\"");
        JsonObject first = json.getAsJsonArray("results").get(0).getAsJsonObject();
        assertThat(first.keySet())
                .containsExactly(
                        "group",
                        "case",
                        "subject",
                        "threads",
                        "value",
                        "error",
                        "unit",
                        "bytesPerOp");
        assertThat(first.get("value").getAsDouble()).isEqualTo(4.0);
        assertThat(first.get("unit").getAsString()).isEqualTo("ns/op");
        JsonObject single = json.getAsJsonArray("results").get(3).getAsJsonObject();
        assertThat(single.get("error").isJsonNull()).isTrue();
        assertThat(single.get("bytesPerOp").isJsonNull()).isFalse();
        JsonObject rate = json.getAsJsonArray("results").get(5).getAsJsonObject();
        assertThat(rate.get("bytesPerOp").isJsonNull()).isTrue();
        assertThat(rate.getAsJsonObject("latencyNanos").get("99.9").getAsDouble()).isEqualTo(9e5);
        JsonObject ratio = json.getAsJsonArray("results").get(6).getAsJsonObject();
        assertThat(ratio.get("frames").getAsInt()).isEqualTo(200);
        assertThat(json.get("machine").getAsString()).isEqualTo("2 processors (\"some\" chip)");
    }

    @Test
    void shouldReadBackWhatItPrints() throws IOException {
        Path file = Files.writeString(folder.resolve("r.json"), RESULTS.json().toString());

        assertThat(SuiteResults.read(file)).isEqualTo(RESULTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"results\":[]}", "{\"results\":[{}]}", "null"})
    void shouldRefuseWhatIsNoRecordOfARun(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("r.json"), text);

        assertThatThrownBy(() -> SuiteResults.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--from=" + file);
    }

    @Test
    void shouldRefuseAGroupOfAnotherVersionByItsName() throws IOException {
        String text = RESULTS.json().toString().replace("\"group\":\"miss\"", "\"group\":\"fly\"");
        Path file = Files.writeString(folder.resolve("r.json"), text);

        assertThatThrownBy(() -> SuiteResults.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is not one of allocator, hit, ")
                .hasMessageContaining(": fly, --from=" + file);
    }

    @Test
    void shouldBeOfSomeGroupsAlone() {
        SuiteResults hits = RESULTS.only(Set.of(Group.HIT));

        assertThat(hits.groups()).containsExactly(Group.HIT);
        assertThat(hits.results()).hasSize(4);
        assertThat(hits.leftOut()).isEmpty();
        assertThat(RESULTS.only(Set.of(Group.AIO)).leftOut()).isEqualTo(RESULTS.leftOut());
    }

    @Test
    void shouldSayOfAnUnfinishedRunWhatIsNotInIt() {
        SuiteResults unfinished = RESULTS.without(Set.of(Group.MEMORY));

        assertThat(unfinished.results()).isEqualTo(RESULTS.results());
        assertThat(unfinished.leftOut())
                .containsExactly("aio fio: not there", "memory: the run had not come to it");
    }

    @Test
    void shouldShowRatiosToQuireAndWhereErrorsLeaveThemOpen() {
        String table = new TextTables(RESULTS).table(Group.HIT);

        assertThat(table.lines())
                .satisfiesExactly(
                        title -> assertThat(title).startsWith("hit: "),
                        header ->
                                assertThat(header)
                                        .contains("lower is better", "ns/op", "x quire", "B/op"),
                        quire -> assertThat(quire).matches("hot256 +1  quire +4\\.00 .* 1\\.00 .*"),
                        raw -> assertThat(raw).matches(" +raw +3\\.60 +0\\.20 +~0\\.90 .*"),
                        caffeine ->
                                assertThat(caffeine)
                                        .matches(" +caffeine +60\\.0 +5\\.00 +15\\.0 .*"),
                        two -> assertThat(two).matches("hot256 +2  quire +4\\.20 +- +1\\.00 .*"));
    }

    @Test
    void shouldShowNoRatioWhereQuireHasNoFigureAndSayWhenMoreIsBetter() {
        TextTables tables = new TextTables(RESULTS);

        assertThat(tables.table(Group.MISS)).containsPattern("chm +1235? +1\\.00 +- ");
        assertThat(tables.table(Group.AIO)).contains("higher is better", "12.3k");
        assertThat(tables.table(Group.EVICTION))
                .contains("higher is better")
                .containsPattern("quire +lru\\R")
                .containsPattern("zipf@1% +51\\.48 % +40\\.67 %");
        assertThat(tables.table(Group.PIN)).isEmpty();
    }

    @Test
    void shouldWriteMarkdownWithItsCircumstances() {
        String text = new MarkdownTables(RESULTS).text();

        assertThat(text)
                .contains("```sh\n./quire bench --json\n```")
                .contains("2026-01-31. 2 processors", "0.25 a processor")
                .contains("- all: `-Xmx2g`")
                .contains("| hot256 | 1 | raw | 3.60 | 0.20 | ~0.90 | 24 |")
                .contains("| zipf@1% | 51.48 % | 40.67 % |")
                .contains("## Left out\n\n- aio fio: not there");
    }

    @Test
    void shouldDrawBarsScalingLatencyAndHitRatios() {
        Pictures pictures = new Pictures(RESULTS);

        assertThat(names(pictures, Group.HIT)).containsExactly("hit-hot256", "hit-hot256-threads");
        assertThat(names(pictures, Group.AIO))
                .containsExactly("aio-randread4k-depth1", "aio-randread4k-depth1-latency");
        assertThat(names(pictures, Group.EVICTION)).containsExactly("eviction-zipf");
        assertThat(names(pictures, Group.PIN)).isEmpty();

        LineChart threads = (LineChart) pictures.of(Group.HIT).get(1).chart();
        Series quire = threads.series().getFirst();
        assertThat(quire.subject()).isEqualTo("quire");
        // 4 ns and an eighth of error: 250 million a second and an eighth; two threads at 4.2 ns.
        assertThat(quire.points().get(0)).isEqualTo(new Point(1, 250e6, 31.25e6));
        assertThat(quire.points().get(1).y()).isCloseTo(2e9 / 4.2, within(1.0));
        assertThat(((BarChart) pictures.of(Group.HIT).get(0).chart()).groups().getFirst().bars())
                .containsExactly(
                        new Bar("quire", 4.0, 0.5),
                        new Bar("raw", 3.6, 0.2),
                        new Bar("caffeine", 60.0, 5.0));
    }

    @Test
    void shouldTellTheWholeStoryOnOnePage() {
        String html = new HtmlReport(RESULTS).html();

        assertThat(html)
                .contains("<code>./quire bench --json</code>", "2026-01-31. 2 processors")
                .contains("hit: Reads", "aio: Random reads", "eviction: Accesses")
                .contains("all: -Xmx2g", "aio fio: not there")
                .doesNotContain("pin: ")
                .doesNotContain("NaN");
        assertThat(html.split("<figure>", -1)).hasSize(1 + 6);
    }

    private static List<String> names(Pictures pictures, Group group) {
        return pictures.of(group).stream().map(Picture::name).toList();
    }

    private static Measurement nanos(
            String group,
            String scenario,
            String subject,
            int threads,
            double value,
            @Nullable Double error) {
        return new Measurement(
                group, scenario, subject, threads, value, error, "ns/op", 24.0, null, null);
    }

    private static Measurement rate(String subject, double value) {
        LinkedHashMap<String, Double> latency = new LinkedHashMap<>();
        latency.put("50", 6e4);
        latency.put("99.9", 9e5);
        return new Measurement(
                "aio", "randread4k-depth1", subject, 1, value, 7.0, "ops/s", null, null, latency);
    }

    private static Measurement ratio(String scenario, String subject, double value, int frames) {
        return new Measurement(
                "eviction", scenario, subject, 1, value, null, "hit ratio", null, frames, null);
    }
}
