package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code quire replay} as its user types it. */
final class ReplayCommandTest {
    private static final int ACCESSES = 30_000;

    @TempDir private Path folder;
    private Path trace = Path.of("");

    @BeforeEach
    void writeTrace() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        trace = folder.resolve("skewed.txt");
        Files.writeString(
                trace,
                Stream.generate(
                                () ->
                                        Integer.toString(
                                                (int) (2000 * Math.pow(random.nextDouble(), 3))))
                        .limit(ACCESSES)
                        .collect(Collectors.joining("\n")));
    }

    @Test
    void shouldEndWithAJsonObjectOfEveryReplay() {
        CommandRun run = replay("--frames=512,128", "--threads=1", "--json", trace.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonArray results = run.json().getAsJsonArray("results");
        assertThat(results).hasSize(2);
        for (JsonElement each : results) {
            JsonObject result = each.getAsJsonObject();
            assertThat(result.get("trace").getAsString()).isEqualTo("skewed");
            assertThat(result.get("reference").getAsBoolean()).isFalse();
            assertThat(result.get("accesses").getAsLong()).isEqualTo(ACCESSES);
            assertThat(result.get("hitRatio").getAsDouble())
                    .isEqualTo(result.get("hits").getAsDouble() / ACCESSES, Offset.offset(1e-6));
        }
        assertThat(numbers(results, "frames")).containsExactly(128L, 512L);
        assertThat(numbers(results, "hits")).isSorted();
        assertThat(run.err()).contains("replaying skewed: 30.0k accesses to ");
    }

    @Test
    void shouldCompareWithEveryReferencePolicy() {
        CommandRun run = replay("--frames=10%", "--compare", "--json", trace.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonArray results = run.json().getAsJsonArray("results");
        List<String> references =
                results.asList().stream()
                        .map(JsonElement::getAsJsonObject)
                        .filter(result -> result.get("reference").getAsBoolean())
                        .map(result -> result.get("policy").getAsString())
                        .toList();
        assertThat(references)
                .containsExactly("strict-lru", "clock", "arc", "s3-fifo", "caffeine", "belady");
        assertThat(run.out())
                .contains("strict-lru", "misses over those of caffeine", "fewer misses than");
        // The last one is Belady's.
        List<Long> hits = numbers(results, "hits");
        assertThat(hits).allMatch(count -> count <= hits.getLast());
    }

    @Test
    void shouldReplayTogetherWithSeveralThreads() {
        CommandRun run = replay("--frames=256", "--threads=4", "--json", trace.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("threads").getAsInt()).isEqualTo(4);
        assertThat(run.out()).contains(", 4 threads");
    }

    @Test
    void shouldTellTracesOfTheSameNameApart() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other")).resolve("skewed.trace");
        Files.copy(trace, other);

        CommandRun run = replay("--frames=128", "--json", trace.toString(), other.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().getAsJsonArray("results"))
                .extracting(result -> result.getAsJsonObject().get("trace").getAsString())
                .containsExactly(trace.toString(), other.toString());
    }

    @Test
    void shouldWriteAReportWithTheCommandThatMadeIt() throws IOException {
        Path report = folder.resolve("a report.html");
        CommandRun run = replay("--frames=64,256", "--report", report.toString(), trace.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.err()).contains("wrote the report: " + report);
        assertThat(run.out()).doesNotContain("{");
        assertThat(Files.readString(report))
                .contains(
                        "<code>./quire replay --frames=64,256 --report &#39;"
                                + report
                                + "&#39; "
                                + trace
                                + "</code>")
                .contains("<figcaption>skewed<");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --frames=63      | --frames must be from 64 to 16777216, or a percentage
                    --frames=512,x   | --frames=x
                    --frames=0%      | --frames=0%
                    --frames=,       | --frames must name a size: --frames=
                    --policy=,       | --policy must name a policy: --policy=
                    --threads=0      | --threads must be from 1 to 16: --threads=0
                    --threads=17     | --threads must be from 1 to 16: --threads=17
                    --policy=fifo    | --policy
                    --format=csv     | --format
                    --report=/       | --report must be a file in an existing folder: --report=/
                    --report=/nowhere/r.html | --report must be a file in an existing folder
                    --pages          | --pages
                    """)
    void shouldRefuseWhatItCannotDoInOneLine(String option, String reason) {
        assertThat(replay(option, trace.toString()).refusal()).contains(reason);
    }

    @Test
    void shouldRefuseATraceThatItCannotReadBeforeAnyReplay() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.txt"), "1\n2\nx\n");

        assertThat(replay(trace.toString(), bad.toString()).refusal())
                .contains(bad + ": line 3: page number must be a whole number", "'x'");
        assertThat(replay(folder.resolve("none").toString()).refusal())
                .contains("does not exist: " + folder.resolve("none"));
        assertThat(replay().refusal()).contains("FILE");
    }

    private static List<Long> numbers(JsonArray results, String key) {
        return results.asList().stream()
                .map(result -> result.getAsJsonObject().get(key).getAsLong())
                .toList();
    }

    private static CommandRun replay(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("replay"), Stream.of(args)).toArray(String[]::new));
    }
}
