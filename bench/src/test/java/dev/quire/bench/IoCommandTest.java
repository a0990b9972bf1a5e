package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.quire.aio.os.UringSupport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** {@code quire io} as its user types it. */
final class IoCommandTest {
    private static final List<String> IN_THE_JVM =
            List.of(
                    "thread-pool",
                    "asynchronous-file-channel",
                    "file-channel-pool",
                    "file-channel-one-thread");

    @TempDir private Path folder;

    @Test
    void shouldMeasureAFileItMakesAndEndWithAJsonObject() {
        CommandRun run =
                io(
                        "--temp-dir=" + folder,
                        "--size=8m",
                        "--buffered",
                        "--seconds=0.4",
                        "--depth=4",
                        "--jobs=2",
                        "--block-bytes=8k",
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.err()).contains("making a file of 8.00 MiB", folder.toString());
        JsonObject json = run.json();
        assertThat(json.get("engine").getAsString()).isNotEqualTo("auto");
        assertThat(json.get("pattern").getAsString()).isEqualTo("randread");
        assertThat(json.get("depth").getAsInt()).isEqualTo(4);
        assertThat(json.get("jobs").getAsInt()).isEqualTo(2);
        assertThat(json.get("blockBytes").getAsInt()).isEqualTo(8192);
        assertThat(json.get("fileBytes").getAsLong()).isEqualTo(8 << 20);
        assertThat(json.get("seconds").getAsDouble()).isEqualTo(0.4);
        assertThat(json.get("direct").getAsBoolean()).isFalse();
        assertThat(Path.of(json.get("file").getAsString()).getParent()).isEqualTo(folder);
        assertThat(json.get("errors").getAsLong()).isZero();
        assertMeasured(json);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldPrintATableWithoutJson() {
        CommandRun run = io("--temp-dir=" + folder, "--size=1m", "--buffered", "--seconds=0.1");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.out())
                .contains("randread of 4.00 KiB, buffered, depth 32, jobs 1, 1.00 MiB of")
                .contains("throughput", "requests/s", "latency     p50", "a request", "errors")
                .doesNotContain("{");
    }

    @ParameterizedTest
    @CsvSource({
        "randwrite, uring",
        "read, thread-pool",
        "write, channel",
        "randrw, THREAD_POOL",
        "RANDREAD, channel"
    })
    void shouldMeasureEveryPatternAndEngine(String pattern, String engine) {
        assumeTrue(
                !engine.equals("uring") || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        CommandRun run =
                io(
                        "--temp-dir=" + folder,
                        "--size=2m",
                        "--buffered",
                        "--seconds=0.2",
                        "--pattern=" + pattern,
                        "--engine=" + engine,
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("pattern").getAsString()).isEqualToIgnoringCase(pattern);
        assertThat(run.json().get("engine").getAsString())
                .isEqualToIgnoringCase(engine.replace('_', '-'));
        assertMeasured(run.json());
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data-sync", "WRITE_THEN_SYNC"})
    void shouldMeasureDurableWrites(String durability) {
        CommandRun run =
                io(
                        "--temp-dir=" + folder,
                        "--size=1m",
                        "--buffered",
                        "--depth=4",
                        "--seconds=0.3",
                        "--pattern=randwrite",
                        "--durability=" + durability,
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("durability").getAsString())
                .isEqualToIgnoringCase(durability.replace('_', '-'));
        assertMeasured(run.json());
    }

    @Test
    void shouldMeasureDirectUnlessToldOtherwise() {
        CommandRun run = io("--temp-dir=" + folder, "--size=2m", "--seconds=0.2", "--json");

        assumeTrue(!run.err().contains("no direct I/O: add --buffered"), run.err());
        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("direct").getAsBoolean()).isTrue();
        assertMeasured(run.json());
    }

    @Test
    void shouldMeasureWithMemoryThatTheRingsKnow() {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        CommandRun run =
                io(
                        "--temp-dir=" + folder,
                        "--size=2m",
                        "--buffered",
                        "--depth=4",
                        "--seconds=0.2",
                        "--engine=uring",
                        "--fixed",
                        "--rings=2",
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("engine").getAsString()).isEqualTo("uring");
        assertThat(run.json().get("fixed").getAsBoolean()).isTrue();
        assertThat(run.json().get("rings").getAsInt()).isEqualTo(2);
        assertMeasured(run.json());
    }

    @Test
    void shouldRefuseFixedMemoryWhereThereAreNoRings() {
        CommandRun run =
                io(
                        "--temp-dir=" + folder,
                        "--size=2m",
                        "--buffered",
                        "--engine=thread-pool",
                        "--fixed");
        assertThat(run.lateRefusal()).contains("--fixed does not work here");
    }

    @Test
    void shouldOnlyReadAFileOfTheUser() throws IOException {
        Path file = userFile(100_000);
        byte[] before = Files.readAllBytes(file);

        CommandRun run = io("--file=" + file, "--buffered", "--seconds=0.1", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.err()).isEmpty();
        assertThat(run.json().get("fileBytes").getAsLong()).isEqualTo(100_000);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void shouldUseOnlyTheAskedForPartOfAUsersFile() throws IOException {
        Path file = userFile(100_000);
        byte[] before = Files.readAllBytes(file);

        CommandRun run =
                io(
                        "--file=" + file,
                        "--size=20000",
                        "--overwrite",
                        "--pattern=randwrite",
                        "--buffered",
                        "--seconds=0.2",
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        byte[] after = Files.readAllBytes(file);
        assertThat(after).hasSameSizeAs(before);
        for (int at = 16384; at < after.length; at++) { // 4 whole blocks in 20,000 bytes
            assertThat(after[at]).isEqualTo(before[at]);
        }
        assertThat(after).isNotEqualTo(before);
        assertThat(io("--file=" + file, "--size=100001").refusal())
                .contains("at most the size of --file, which is 100000: --size=100001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"randwrite", "write", "randrw"})
    void shouldRefuseToDestroyAUsersFileUnlessTold(String pattern) throws IOException {
        Path file = userFile(8192);
        byte[] before = Files.readAllBytes(file);
        assertThat(io("--file=" + file, "--pattern=" + pattern).refusal())
                .contains("--pattern=" + pattern, "--overwrite", "--file=" + file);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void shouldMakeANamedFileThatIsMissingWhenTheSizeIsGivenAndKeepIt() throws IOException {
        Path file = folder.resolve("made");
        assertThat(io("--file=" + file).refusal())
                .contains("must exist, or --size says how large to make it: --file=" + file);

        CommandRun run =
                io(
                        "--file=" + file,
                        "--size=1m",
                        "--pattern=randwrite",
                        "--buffered",
                        "--seconds=0.1");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.err()).contains("which stays: " + file);
        assertThat(file).hasSize(1 << 20);
        assertThat(Files.readAllBytes(file)).isNotEqualTo(new byte[1 << 20]);
    }

    @Test
    void shouldRefuseAFolderAMissingFolderAndAFileWithoutABlock() throws IOException {
        assertThat(io("--file=" + folder).refusal()).contains("not a directory: --file=" + folder);
        assertThat(io("--temp-dir=/nowhere/at/all").refusal())
                .contains("--temp-dir must be an existing folder: --temp-dir=/nowhere/at/all");
        Path small = userFile(4095);
        assertThat(io("--file=" + small).refusal())
                .contains("must hold a block of 4096 bytes, it has 4095: --file=" + small);
    }

    @Test
    void shouldLeaveNothingWhereTheDiskHasNoRoomForTheFile() {
        try (SmallDisk disk = SmallDisk.mount(folder, 4 << 20)) {
            assertThat(io("--temp-dir=" + disk.path(), "--size=8m").lateRefusal())
                    .contains("bytes are free", disk.path().toString(), "--size=8388608");
            assertThat(disk.path()).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--block-bytes=5000 | a power of two from 512 to 4194304: --block-bytes=5000",
                "--block-bytes=8m | a power of two from 512 to 4194304: --block-bytes=8388608",
                "--block-bytes=8t | from 512 to 4194304: --block-bytes=2147483647",
                "--depth=0 | --depth must be from 1 to 32768: --depth=0",
                "--depth=32769 | --depth must be from 1 to 32768: --depth=32769",
                "--jobs=0 | --jobs must be from 1 to 1024 at --depth=32: --jobs=0",
                "--jobs=1025 | --jobs must be from 1 to 1024 at --depth=32: --jobs=1025",
                "--depth=2048 --block-bytes=4m | times --jobs must be at most 4294967296",
                "--seconds=0 | above 0 and at most 86400: --seconds=0.0",
                "--seconds=NaN | above 0 and at most 86400: --seconds=NaN",
                "--rounds=0 | --rounds must be from 1 to 1000: --rounds=0",
                "--rings=0 | --rings must be from 1 to 64: --rings=0",
                "--rings=65 | --rings must be from 1 to 64: --rings=65",
                "--size=4095 | must hold a block of 4096 bytes: --size=4095",
                "--size=some | a whole number of bytes with an optional k, m, g or t: some",
                "--overwrite | --overwrite needs --file",
                "--pattern=backwards | backwards",
                "--durability=hopes | one of none, data-sync, write-then-sync: hopes",
                "--durability=data-sync | must be none for --pattern=randread",
                "--engine=turbo | one of auto, uring, thread-pool, channel",
                "--depth=many | 'many' is not an int"
            })
    void shouldRefuseABadValueNamingItAndTheLimit(String args, String message) {
        assertThat(io(args.split(" ")).refusal()).contains(message);
    }

    @Test
    void shouldCompareAnEngineWithItsPeersInTurns() {
        CommandRun run =
                io(
                        "--temp-dir=" + folder,
                        "--size=4m",
                        "--buffered",
                        "--seconds=0.2",
                        "--depth=4",
                        "--engine=thread-pool",
                        "--compare",
                        "--rounds=2",
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.out()).contains("medians of 2 rounds of 0.2 s in turns; ratios to");
        JsonObject json = run.json();
        assertThat(json.get("rounds").getAsInt()).isEqualTo(2);
        JsonArray results = json.getAsJsonArray("results");
        List<String> names = new ArrayList<>();
        for (JsonElement each : results) {
            JsonObject result = each.getAsJsonObject();
            names.add(result.get("engine").getAsString());
            assertThat(result.get("iops").getAsDouble())
                    .isBetween(
                            result.get("iopsMin").getAsDouble(),
                            result.get("iopsMax").getAsDouble());
            assertThat(result.get("iopsRatio").getAsDouble()).isPositive();
            assertThat(result.get("errors").getAsLong()).isZero();
        }
        assertThat(names).containsAll(IN_THE_JVM).doesNotContain("channel", "uring");
        // fio comes first where there is one, and all ratios are to the first.
        assertThat(json.get("baseline").getAsString()).isEqualTo(names.getFirst());
        assertThat(results.get(0).getAsJsonObject().get("iopsRatio").getAsDouble()).isOne();
        // In turns: the second round begins when all had their first.
        List<String> turns = run.err().lines().filter(line -> line.startsWith("round ")).toList();
        assertThat(turns).hasSize(2 * names.size());
        for (int i = 0; i < names.size(); i++) {
            assertThat(turns.get(i)).startsWith("round 1 of 2: " + names.get(i));
            assertThat(turns.get(names.size() + i)).startsWith("round 2 of 2: " + names.get(i));
        }
        assertThat(folder).isEmptyDirectory();
    }

    private static void assertMeasured(JsonObject json) {
        double iops = json.get("iops").getAsDouble();
        assertThat(iops).isPositive();
        assertThat(json.get("bytesPerSecond").getAsDouble() / iops)
                .isBetween(
                        json.get("blockBytes").getAsInt() * 0.999,
                        json.get("blockBytes").getAsInt() * 1.001);
        assertThat(json.get("p50Nanos").getAsLong())
                .isPositive()
                .isLessThanOrEqualTo(json.get("p99Nanos").getAsLong());
        assertThat(json.get("maxNanos").getAsLong())
                .isGreaterThanOrEqualTo(json.get("p99Nanos").getAsLong());
        assertThat(json.get("cpuNanosPerIo").isJsonPrimitive()).isTrue();
    }

    private static CommandRun io(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("io"), Stream.of(args)).toArray(String[]::new));
    }

    private Path userFile(int bytes) throws IOException {
        byte[] contents = new byte[bytes];
        new Random(42).nextBytes(contents);
        return Files.write(folder.resolve("users-own"), contents);
    }
}
