package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import dev.quire.bench.report.Xml;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** {@code quire run} as its user types it. */
final class RunCommandTest {
    @TempDir private Path folder;

    @Test
    void shouldProveAMadeFileAndEndWithAJsonObject() throws IOException {
        CommandRun run =
                run("--file-bytes=16m", "--memory=2m", "--seconds=1.5", "--seed=7", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonObject json = run.json();
        assertThat(json.get("verified").getAsBoolean()).isTrue();
        assertThat(json.get("pagesVerified").getAsLong()).isEqualTo(2048);
        assertThat(json.get("pageBytes").getAsInt()).isEqualTo(8192);
        assertThat(json.get("memoryBytes").getAsLong()).isEqualTo(2 << 20);
        assertThat(json.get("fileBytes").getAsLong()).isEqualTo(16 << 20);
        assertThat(json.get("threads").getAsInt()).isEqualTo(2);
        assertThat(json.get("seed").getAsLong()).isEqualTo(7);
        assertThat(json.get("seconds").getAsDouble()).isBetween(1.5, 10.0);
        assertThat(json.get("engine").getAsString()).isNotEqualTo("auto");
        assertThat(json.get("direct").isJsonPrimitive()).isTrue();
        long ops = json.get("ops").getAsLong();
        assertThat(ops).isPositive();
        assertThat(json.get("opsPerSecond").getAsDouble())
                .isBetween(0.99 * ops / json.get("seconds").getAsDouble(), ops / 1.5);
        // An eighth of the file fits: it cannot have run without faults, nor without hits.
        assertThat(json.get("hitRatio").getAsDouble()).isBetween(0.05, 0.999);
        assertThat(json.get("faults").getAsLong()).isGreaterThan(256);
        assertThat(json.get("pagesWritten").getAsLong()).isPositive();
        assertThat(json.get("p50Nanos").getAsLong())
                .isPositive()
                .isLessThanOrEqualTo(json.get("p99Nanos").getAsLong());
        assertThat(json.get("p999Nanos").getAsLong())
                .isBetween(json.get("p99Nanos").getAsLong(), json.get("maxNanos").getAsLong());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldPrintATableOfEverythingThatWasMeasured() {
        CommandRun run = run("--file-bytes=4m", "--memory=1m", "--seconds=0.2");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.out())
                .contains("throughput", "p50", "p99.9", "max", "  read", "  write", "hit ratio")
                .contains("reclaim", "stalls", "memory", "of metadata", "verified    yes")
                .doesNotContain("{");
    }

    @Test
    void shouldWriteAReportOfTheRun() throws IOException {
        Path report = folder.resolve("out.html");
        CommandRun run =
                run("--file-bytes=8m", "--memory=1m", "--seconds=0.6", "--report=" + report);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.err()).contains("wrote the report: " + report);
        Element page = Xml.parse(Files.readString(report));
        assertThat(Xml.texts(page, "code").getFirst())
                .startsWith("./quire run ")
                .endsWith("--report=" + report);
        assertThat(Xml.texts(page, "pre").getFirst()).contains("verified    yes", "throughput");
        assertThat(Xml.texts(page, "td")).contains("8.00 MiB", "1.00 MiB", "95 %", "zipf");
        assertThat(Xml.texts(page, "figcaption"))
                .contains("Throughput", "Hit ratio", "Dirty pages", "Free frames");
        // Something happened in each of several moments.
        Element throughput = Xml.all(page, "figure").getFirst();
        String points = Xml.all(throughput, "polyline").getFirst().getAttribute("points");
        assertThat(points.split(" ")).hasSizeBetween(5, 12);
    }

    @ParameterizedTest
    @CsvSource({
        "uniform, thread-pool, --buffered, 4k",
        "sequential, CHANNEL, --buffered, 64k",
        "ZIPF, Thread_Pool, --buffered, 16k"
    })
    void shouldRunWithEveryDistributionEngineAndPageSize(
            String distribution, String engine, String io, String page) {
        CommandRun run =
                run(
                        "--file-bytes=8m",
                        "--memory=4m",
                        "--seconds=0.3",
                        "--threads=3",
                        "--reads=50",
                        "--distribution=" + distribution,
                        "--engine=" + engine,
                        "--page-bytes=" + page,
                        io,
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("engine").getAsString())
                .isEqualToIgnoringCase(engine.replace('_', '-'));
        assertThat(run.json().get("direct").getAsBoolean()).isFalse();
        assertThat(run.json().get("verified").getAsBoolean()).isTrue();
    }

    @Test
    void shouldOnlyReadAFileOfTheUser() throws IOException {
        Path file = userFile(1_234_567);
        byte[] before = Files.readAllBytes(file);
        FileTime changed = Files.getLastModifiedTime(file);

        CommandRun run = runOn(file, "--memory=512k", "--seconds=0.3", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("pagesWritten").getAsLong()).isZero();
        assertThat(run.json().get("pagesVerified").getAsLong()).isEqualTo(151);
        assertThat(run.json().get("fileBytes").getAsLong()).isEqualTo(1_234_567);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(changed);
    }

    @Test
    void shouldKeepEveryByteOfAUsersFileWhenItMayBeWritten() throws IOException {
        Path file = userFile(1_234_567);
        byte[] before = Files.readAllBytes(file);

        CommandRun run =
                runOn(
                        file,
                        "--write-existing",
                        "--reads=20",
                        "--distribution=sequential",
                        "--memory=512k",
                        "--seconds=0.5",
                        "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("pagesWritten").getAsLong()).isPositive();
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void shouldUseOnlyTheAskedForPartOfAUsersFile() throws IOException {
        Path file = userFile(100_000);

        CommandRun run = runOn(file, "--file-bytes=20000", "--seconds=0.1", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("pagesVerified").getAsLong()).isEqualTo(3);
        assertThat(runOn(file, "--file-bytes=100001").refusal())
                .contains("--file-bytes=100001", "100000");
    }

    @Test
    void shouldRefuseAMissingFile() {
        Path file = folder.resolve("missing");
        assertThat(runOn(file).refusal()).contains("--file must exist: --file=" + file);
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldRefuseADirectoryADeviceAndAnEmptyFile() throws IOException {
        assertThat(runOn(folder).refusal()).contains("not a directory: --file=" + folder);
        assertThat(runOn(Path.of("/dev/null")).refusal()).contains("must be a regular file");
        Path empty = Files.createFile(folder.resolve("empty"));
        assertThat(runOn(empty).refusal()).contains("must not be empty: --file=" + empty);
    }

    @Test
    void shouldRefuseAFileThatMayNotBeRead() throws IOException {
        assertThat(runOn(unreadable()).refusal()).contains("may not be read, no permission");
    }

    @Test
    void shouldRefuseAFileThatMayNotBeWritten() throws IOException {
        assertThat(runOn(unwritable(), "--write-existing").refusal())
                .contains("may not be written, no permission");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--memory=511k --page-bytes=8k | at least 64 pages of 8192 bytes, which is 524288",
                "--memory=511k | --memory=523264",
                "--memory=4096t | at most that of this machine",
                "--page-bytes=5000 | a power of two from 4096 to 65536: --page-bytes=5000",
                "--page-bytes=2k | a power of two from 4096 to 65536: --page-bytes=2048",
                "--page-bytes=128k | a power of two from 4096 to 65536: --page-bytes=131072",
                "--page-bytes=0 | a power of two from 4096 to 65536: --page-bytes=0",
                "--page-bytes=8t | a power of two from 4096 to 65536: --page-bytes=2147483647",
                "--threads=0 | from 1 to 8192, a quarter of the pages in --memory: --threads=0",
                "--threads=17 --memory=512k | from 1 to 16, a quarter",
                "--reads=101 | from 0 to 100: --reads=101",
                "--reads=-1 | from 0 to 100: --reads=-1",
                "--seconds=0 | above 0 and at most 604800: --seconds=0.0",
                "--seconds=NaN | above 0 and at most 604800: --seconds=NaN",
                "--file-bytes=0 | whole pages of 8192 bytes, 1 or more: --file-bytes=0",
                "--file-bytes=10000 | whole pages of 8192 bytes, 1 or more: --file-bytes=10000",
                "--write-existing | --write-existing needs --file",
                "--direct --buffered | --direct and --buffered exclude each other",
                "--memory=lots | a whole number of bytes with an optional k, m, g or t: lots",
                "--threads=two | 'two' is not an int",
                "--engine=turbo | one of auto, uring, thread-pool, channel",
                "--distribution=normal | normal",
                "--temp-dir=/nowhere/at/all | --temp-dir=/nowhere/at/all"
            })
    void shouldRefuseABadValueNamingItAndTheLimit(String args, String message) {
        assertThat(CommandRun.of(("run " + args).split(" ")).refusal()).contains(message);
    }

    @Test
    void shouldRefuseToWriteToAUsersFileThatIsReadOnly() throws IOException {
        assertThat(runOn(userFile(8192), "--reads=99").refusal())
                .contains("--reads must be 100 for a file of yours without --write-existing");
    }

    @Test
    void shouldRefuseATemporaryFileThatTheDiskHasNoRoomFor() {
        try (SmallDisk disk = SmallDisk.mount(folder, 4 << 20)) {
            CommandRun run = CommandRun.of("run", "--temp-dir=" + disk.path(), "--file-bytes=8m");

            assertThat(run.refusal())
                    .contains("bytes are free", "--temp-dir=" + disk.path(), "=8388608");
            assertThat(disk.path()).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"thread-pool", "channel"})
    void shouldLoseNothingOfAUsersFileWhenTheDiskIsFullAtWriteBack(String engine)
            throws IOException {
        // The page cache rightly warns of what this test does on purpose.
        Logger log = Logger.getLogger("dev.quire.pagecache");
        log.setLevel(Level.OFF);
        try (SmallDisk disk = SmallDisk.mount(folder, 4 << 20)) {
            // A sparse file: to rewrite its holes takes room that the disk does not have.
            Path file = disk.path().resolve("sparse");
            byte[] start = "still here".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            Files.write(file, start);
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(8 << 20);
            }

            CommandRun run =
                    runOn(
                            file,
                            "--write-existing",
                            "--reads=0",
                            "--distribution=sequential",
                            "--memory=1m",
                            "--seconds=20",
                            "--engine=" + engine);

            assertThat(run.lateRefusal()).contains(file.toString());
            byte[] after = Files.readAllBytes(file);
            assertThat(after).hasSize(8 << 20).startsWith(start);
            for (int at = start.length; at < after.length; at++) {
                assertThat(after[at]).isZero();
            }
        } finally {
            log.setLevel(null);
        }
    }

    private CommandRun run(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("run", "--temp-dir=" + folder), Stream.of(args))
                        .toArray(String[]::new));
    }

    private static CommandRun runOn(Path file, String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("run", "--file=" + file), Stream.of(args))
                        .toArray(String[]::new));
    }

    private Path userFile(int bytes) throws IOException {
        byte[] contents = new byte[bytes];
        new Random(42).nextBytes(contents);
        return Files.write(folder.resolve("users-own"), contents);
    }

    /** Root may read any file on a disk, but not the settings that the kernel made write-only. */
    private Path unreadable() throws IOException {
        Path file = userFile(8192);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-wx-wx-wx"));
        return Files.isReadable(file) ? Path.of("/proc/sys/vm/compact_memory") : file;
    }

    private Path unwritable() throws IOException {
        Path file = userFile(8192);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-xr-x"));
        return Files.isWritable(file) ? Path.of("/proc/sys/kernel/ostype") : file;
    }
}
