package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** {@code quire fsx} as its user types it. */
final class FsxCommandTest {
    @TempDir private Path folder;

    private CommandRun fsx(String... options) {
        return CommandRun.of(
                Stream.concat(Stream.of("fsx", "--temp-dir=" + folder), Stream.of(options))
                        .toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"quire, 1", "quire, 3", "plain, 2"})
    void shouldFindNothingWrongAndLeaveNoFile(String target, int threads) throws IOException {
        CommandRun run = fsx("--target=" + target, "--threads=" + threads, "--ops=4000", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonObject result = run.json();
        assertThat(result.get("ops").getAsLong()).isEqualTo(4000);
        assertThat(result.get("mismatches").getAsInt()).isZero();
        assertThat(result.get("seconds").getAsDouble()).isPositive();
        assertThat(run.err()).contains("seed " + result.get("seed").getAsLong());
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void shouldBeginInTheMiddleOfTheSameRun() throws IOException {
        Path whole = folder.resolve("whole.txt");
        Path rest = folder.resolve("rest.txt");
        assertThat(fsx("--seed=5", "--ops=900", "--log=" + whole).exitCode()).isZero();
        CommandRun run = fsx("--seed=5", "--ops=900", "--from=600", "--log=" + rest, "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.json().get("ops").getAsLong()).isEqualTo(300);
        assertThat(Files.readAllLines(whole))
                .hasSize(900)
                .endsWith(Files.readAllLines(rest).toArray(String[]::new));
    }

    @Test
    void shouldGoBufferedAndSaySoWhereAFileSystemHasNoDirectIo() {
        try (SmallDisk ramfs = SmallDisk.withoutDirectIo(folder)) {
            CommandRun run =
                    CommandRun.of("fsx", "--temp-dir=" + ramfs.path(), "--ops=500", "--json");

            assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
            assertThat(run.err()).contains("no direct I/O here, so it goes buffered: ");
            assertThat(run.json().get("ops").getAsLong()).isEqualTo(500);

            assertThat(
                            CommandRun.of(
                                            "fsx",
                                            "--temp-dir=" + ramfs.path(),
                                            "--ops=500",
                                            "--direct")
                                    .lateRefusal())
                    .startsWith("quire fsx: --direct cannot be done there (")
                    .endsWith("try --buffered: --temp-dir=" + ramfs.path());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--ops=0 | --ops must be at least 1: --ops=0",
                "--threads=65 | --threads must be from 1 to 64: --threads=65",
                "--from=9 | --from needs --seed: --from=9",
                "--file-bytes=1k | --file-bytes must be from 65536 to 268435456: --file-bytes=1024",
                "--memory=4k | --memory must be at least 128 pages, 524288: --memory=4096",
                "--page-bytes=5000 | --page-bytes must be a power of two from 4096 to 65536",
                "--log=/ | --log must be a file in an existing folder: --log=/"
            })
    void shouldRefuseWhatCannotBe(String option, String message) {
        CommandRun run = fsx(option);

        assertThat(run.exitCode()).isEqualTo(Quire.BAD_INPUT);
        assertThat(run.err()).contains(message);
    }
}
