package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code quire warm}, on a file that is small. */
final class WarmCommandTest {
    @TempDir Path folder;

    @Test
    void shouldLoadEveryPageAndCompareWithTheDevice() throws IOException {
        CommandRun run =
                CommandRun.of(
                        "warm", "--temp-dir=" + folder, "--file-bytes=4m", "--rounds=2", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonObject json = run.json();
        assertThat(json.get("pagesLoaded").getAsInt()).isEqualTo(512);
        assertThat(json.get("ratioMedian").getAsDouble()).isPositive();
        try (var left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void shouldRefuseWhatItCannotDo() {
        assertThat(CommandRun.of("warm", "--rounds=0").err())
                .contains("--rounds", "from 1 to 100", "0");
        assertThat(CommandRun.of("warm", "--file-bytes=1k").err()).contains("--file-bytes");
    }
}
