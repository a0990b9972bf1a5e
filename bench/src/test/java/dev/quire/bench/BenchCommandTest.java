package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code quire bench} from its options to its results. */
final class BenchCommandTest {
    private static final String[] TINY = {"--iterations=1", "--seconds=0.02"};

    @TempDir private Path folder;

    @Test
    void shouldMeasureInJvmsOfTheirOwnAndLeaveNothingBehind() throws Exception {
        Path recorded = folder.resolve("results.json");
        Path markdown = folder.resolve("results.md");
        Path temp = Files.createDirectory(folder.resolve("temp"));

        CommandRun run =
                inItsOwnJvm(
                        "--only=pin,memory",
                        "--subject=quire,raw",
                        "--forks=2",
                        "--results=" + recorded,
                        "--markdown=" + markdown,
                        "--temp-dir=" + temp,
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.err()).contains("flags of all: --enable-native-access", "1 of 3: pin");
        List<JsonObject> results = results(run.json());
        assertThat(results)
                .extracting(each -> each.get("group").getAsString())
                .containsExactly("pin", "pin", "memory", "memory");
        assertThat(results)
                .extracting(each -> each.get("subject").getAsString())
                .containsExactly("quire", "raw", "quire", "quire");
        // A word and some columns; not the sum of the forks.
        assertThat(results.get(2).get("value").getAsDouble()).isBetween(20.0, 60.0);
        assertThat(results.subList(0, 2))
                .allMatch(each -> each.get("value").getAsDouble() > 0)
                .allMatch(each -> each.get("error").isJsonNull())
                .allMatch(each -> !each.get("bytesPerOp").isJsonNull());
        assertThat(JsonParser.parseString(Files.readString(recorded))).isEqualTo(run.json());
        assertThat(markdown).content().contains("## pin", "## memory");
        assertThat(temp).isEmptyDirectory();

        Path report = folder.resolve("report.html");
        Path pictures = folder.resolve("pictures");
        CommandRun again =
                CommandRun.of(
                        "bench",
                        "--from=" + recorded,
                        "--only=pin",
                        "--report=" + report,
                        "--svg=" + pictures,
                        "--json");
        assertThat(again.exitCode()).as(again.err()).isEqualTo(Quire.OK);
        assertThat(results(again.json())).isEqualTo(results.subList(0, 2));
        assertThat(again.out()).contains("pin: ").doesNotContain("memory: ");
        assertThat(report)
                .content()
                .contains("<h2>pin: ", "--subject=quire,raw")
                .doesNotContain("<h2>memory: ");
        assertThat(pictures.resolve("pin-hot256.svg")).content().contains("<svg", "raw");
        assertThat(pictures.resolve("memory-heap.svg")).doesNotExist();
        assertThat(CommandRun.of("bench", "--from=" + recorded, "--json").json())
                .isEqualTo(run.json());
        assertThat(CommandRun.of("bench", "--from=" + recorded, "--only=hit,miss").refusal())
                .contains("one of pin,memory: --only=hit,miss");
    }

    @Test
    void shouldGoOnWithoutWhatCannotBeMeasured() throws IOException {
        Path trace = Files.writeString(folder.resolve("few.txt"), "1\n2\n3\n1\n2\n");
        Path recorded = folder.resolve("results.json");
        try (SmallDisk disk = SmallDisk.mount(folder, 1 << 20)) {
            CommandRun run =
                    bench(
                            "--only=aio,eviction",
                            "--trace=" + trace,
                            "--temp-dir=" + disk.path(),
                            "--results=" + recorded,
                            "--json");

            assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
            assertThat(run.json().getAsJsonArray("leftOut").toString())
                    .contains("aio: the file cannot be made");
            assertThat(results(run.json()))
                    .isNotEmpty()
                    .allMatch(each -> each.get("group").getAsString().equals("eviction"));
            assertThat(bench("--only=aio", "--temp-dir=" + disk.path()).lateRefusal())
                    .contains("nothing could be measured: aio: the file cannot be made");
        }
    }

    @Test
    void shouldReadTracesBeforeAnythingIsMeasured() {
        CommandRun run = bench("--only=aio,eviction", "--trace=/no/x");

        assertThat(run.lateRefusal()).contains("does not exist: /no/x");
        assertThat(run.err()).doesNotContain("making a file", "round 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--subject=quire,raw",
                "--trace=x",
                "--forks=2",
                "--iterations=1",
                "--seconds=1",
                "--temp-dir=/tmp"
            })
    void shouldNotTakeWhatIsMeasuredWhereNothingIs(String option) {
        assertThat(CommandRun.of("bench", "--from=x.json", option).refusal())
                .contains("cannot go with --from, which measures nothing: " + option);
    }

    @Test
    void shouldCompareHitRatiosOnTracesOfTheUser() throws IOException {
        Path trace = folder.resolve("loop.txt");
        StringBuilder pages = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            pages.append(i % 3 == 0 ? i % 90 : i % 400).append('\n');
        }
        Files.writeString(trace, pages);

        CommandRun run = bench("--only=eviction", "--trace=" + trace, "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        List<JsonObject> results = results(run.json());
        assertThat(results)
                .extracting(each -> each.get("subject").getAsString())
                .contains("quire", "lru", "arc", "caffeine", "belady");
        assertThat(results)
                .allMatch(each -> each.get("unit").getAsString().equals("hit ratio"))
                .allMatch(each -> each.get("case").getAsString().startsWith("loop@"))
                .allMatch(each -> each.get("frames").getAsInt() >= 64);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --only=all        | --only
                    --only=,          | --only must name a group
                    --forks=0         | --forks must be from 1 to 1000: --forks=0
                    --iterations=1001 | --iterations must be from 1 to 1000: --iterations=1001
                    --seconds=0       | --seconds must be from 0.01 to 3600: --seconds=0.0
                    --temp-dir=/no    | --temp-dir must be an existing folder: --temp-dir=/no
                    --results=/       | --results must be a file in an existing folder: --results=/
                    --report=/no/x    | --report must be a file in an existing folder
                    --svg=/dev/null   | --svg must be a folder: --svg=/dev/null
                    --markdown=/no/x  | --markdown must be a file in an existing folder
                    --from=/no/x      | does not exist: /no/x
                    --trace=/no/x     | needs the group eviction
                    --subject=nobody  | one of quire, raw, caffeine, heap-zgc, chm: --subject=nobody
                    --subject=raw,cafeine | heap-zgc, chm: --subject=cafeine
                    --subject=mmap    | --subject must be one of quire, raw
                    """)
    void shouldRefuseWhatItCannotDo(String option, String reason) {
        CommandRun run =
                option.startsWith("--only")
                        ? CommandRun.of("bench", option)
                        : CommandRun.of("bench", "--only=pin", option);

        assertThat(run.lateRefusal()).contains(reason);
    }

    @Test
    void shouldNotMeasureAndReadResultsAtOnce() {
        assertThat(CommandRun.of("bench", "--full", "--from=x.json").refusal())
                .contains("mutually exclusive");
    }

    @Test
    void shouldSayWhatJmhNeedsWhereUnsafeIsDenied() throws Exception {
        assumeThat(ManagementFactory.getRuntimeMXBean().getInputArguments())
                .as("the flags of the build's tests")
                .contains("--sun-misc-unsafe-memory-access=deny");

        assertThat(bench("--only=pin").lateRefusal())
                .contains("--sun-misc-unsafe-memory-access=allow");
    }

    /** The launcher allows JMH what the tests of the build deny. */
    private CommandRun inItsOwnJvm(String... args) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                // Another JMH on the machine does not matter to a test.
                                "-Djmh.ignoreLock=true",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                Quire.class.getName(),
                                "bench"));
        command.addAll(List.of(TINY));
        command.addAll(List.of(args));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return new CommandRun(
                    process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<JsonObject> results(JsonObject json) {
        return json.getAsJsonArray("results").asList().stream()
                .map(each -> each.getAsJsonObject())
                .toList();
    }

    private static CommandRun bench(String... args) {
        return CommandRun.of(
                Stream.of(Stream.of("bench"), Stream.of(TINY), Stream.of(args))
                        .flatMap(each -> each)
                        .toArray(String[]::new));
    }
}
