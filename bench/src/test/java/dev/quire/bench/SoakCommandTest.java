package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

/** {@code quire soak} as its user types it; {@code -Dsoak.minutes=N} for longer. */
final class SoakCommandTest {
    private static final List<String> SUITES =
            List.of("fsx", "run", "mixed", "allocator", "io", "kill");
    private static final String MINUTES = System.getProperty("soak.minutes", "0.03");

    @TempDir private Path folder;

    @Test
    void shouldGiveEachSuiteItsTurnAndFindNothingWrong() {
        CommandRun run =
                CommandRun.of("soak", "--temp-dir=" + folder, "--minutes=" + MINUTES, "--json");

        assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(Quire.OK);
        run.out().lines().forEach(line -> System.out.println("SoakCommandTest: " + line));
        JsonObject json = run.json();
        assertThat(run.err()).contains("seed " + json.get("seed").getAsLong());
        assertThat(json.get("mismatches").getAsLong()).isZero();
        JsonObject suites = json.getAsJsonObject("suites");
        assertThat(suites.keySet()).containsExactlyElementsOf(SUITES);
        for (String suite : SUITES) {
            assertThat(run.out()).containsPattern("(?m)^" + suite + " +[1-9]");
            assertThat(suites.getAsJsonObject(suite).get("operations").getAsLong())
                    .as(suite)
                    .isPositive();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldDoNoMoreThanItIsAskedFor() {
        CommandRun run =
                CommandRun.of(
                        "soak",
                        "--temp-dir=" + folder,
                        "--minutes=0.004",
                        "--only=allocator,mixed",
                        "--buffered",
                        "--threads=2",
                        "--seed=7");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        assertThat(run.out()).contains("allocator ", "mixed ").doesNotContain("fsx ", "kill ");
        assertThat(run.out().lines().toList().getLast()).endsWith("seed 7, 0 mismatches");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--minutes=0 | --minutes must be above 0 and at most 10080: --minutes=0.0",
                "--minutes=99999 | --minutes must be above 0 and at most 10080: --minutes=99999.0",
                "--threads=33 | --threads must be from 1 to 32: --threads=33",
                "--only=cpu | --only must be of [fsx, run, mixed, allocator, io, kill]: --only=cpu",
                "--temp-dir=/none | --temp-dir must be an existing folder: --temp-dir=/none"
            })
    void shouldRefuseWhatCannotBe(String option, String message) {
        assertThat(CommandRun.of("soak", option).refusal()).isEqualTo("quire soak: " + message);
    }
}
