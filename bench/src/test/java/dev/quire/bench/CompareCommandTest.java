package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import dev.quire.bench.report.Xml;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** {@code quire compare} as its user types it. */
final class CompareCommandTest {
    @TempDir private Path folder;

    @Test
    void shouldCompareWithinOneBudget() throws IOException {
        Path report = folder.resolve("out.html");
        CommandRun run =
                run(
                        "--memory=8m",
                        "--file-bytes=32m",
                        "--subjects=quire,mmap-random",
                        "--warm-seconds=0.2",
                        "--seconds=1.5",
                        "--threads=2",
                        "--seed=5",
                        "--json",
                        "--report=" + report);
        assumeTrue(
                !run.err().contains("no file for direct I/O can be made"),
                "no direct I/O in " + folder);

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonObject json = run.json();
        assertThat(json.get("seed").getAsLong()).isEqualTo(5);
        JsonArray results = json.getAsJsonArray("results");
        assertOutcome(results.get(0).getAsJsonObject(), "quire");
        assertThat(Xml.texts(Xml.parse(Files.readString(report)), "th")).contains("quire");
        assertThat(folder).isDirectoryContaining(report::equals);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(report);
        }
        JsonArray skipped = json.getAsJsonArray("skipped");
        assumeTrue(skipped.isEmpty(), skipped::toString);
        assertOutcome(results.get(1).getAsJsonObject(), "mmap-random");
    }

    private static void assertOutcome(JsonObject result, String subject) {
        assertThat(result.get("subject").getAsString()).isEqualTo(subject);
        assertThat(result.get("requests").getAsLong()).isPositive();
        assertThat(result.get("seconds").getAsDouble()).isGreaterThanOrEqualTo(1.5);
        assertThat(result.get("cpuNanosPerRequest").getAsDouble()).isPositive();
        // A file four times as large cannot have come out of memory alone.
        assertThat(result.get("bytesRead").getAsLong()).isPositive();
        // A limit that moves with the JVM's own memory is exceeded for moments only.
        assertThat(result.get("pageMemoryBytes").getAsLong()).isBetween(1L << 20, 12L << 20);
        assertThat(result.getAsJsonObject("read").get("p999Nanos").getAsLong()).isPositive();
        assertThat(result.getAsJsonArray("rates")).hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --memory=1m           | --memory must be from 8388608 to
                    --memory=1000000000g  | on this machine: --memory=10
                    --memory=2000000000g  | on this machine: --memory=21
                    --page-bytes=5000     | --page-bytes must be a power of two from 4096 to 65536
                    --file-bytes=8193     | --file-bytes must be whole pages of 8192 bytes
                    --threads=0           | --threads must be from 1 to 256: --threads=0
                    --writes=101          | --writes must be from 0 to 100
                    --uniform=95          | --uniform must be from 0 to 94
                    --seconds=0           | --seconds must be
                    --warm-seconds=-1     | --warm-seconds must be from 0 to 86400
                    --subjects=caffeine   | --subjects
                    --report=/nowhere/r   | --report must be a file in an existing folder
                    """)
    void shouldRefuseWhatCannotBeComparedInOneLine(String option, String reason) {
        assertThat(run(option).refusal()).contains(reason);
    }

    @Test
    void shouldRefuseAFolderThatIsNoneOrTooSmall() {
        assertThat(
                        CommandRun.of("compare", "--temp-dir=/nowhere", "--subjects=quire")
                                .lateRefusal())
                .contains("--temp-dir must be an existing folder: --temp-dir=/nowhere");
        assertThat(run("--file-bytes=4096t", "--subjects=quire").lateRefusal())
                .contains("--file-bytes must be at most what is free in " + folder);
    }

    private CommandRun run(String... args) {
        return CommandRun.of(
                Stream.concat(Stream.of("compare", "--temp-dir=" + folder), Stream.of(args))
                        .toArray(String[]::new));
    }
}
