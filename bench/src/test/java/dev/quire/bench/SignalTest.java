package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A run that is stopped from outside, in a JVM of its own. */
final class SignalTest {
    @TempDir private Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void shouldRemoveTheTemporaryFileWhenItIsInterrupted() throws Exception {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                "dev.quire.bench.Quire",
                                "run",
                                "--temp-dir=" + folder,
                                "--file-bytes=8m",
                                "--memory=1m",
                                "--seconds=600")
                        .redirectErrorStream(true)
                        .start();
        try {
            awaitLine(process, "running for 600");
            assertThat(folder).isNotEmptyDirectory();

            interrupt(process);

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 2);
            assertThat(folder).isEmptyDirectory();
        } finally {
            process.destroyForcibly();
        }
    }

    private static void awaitLine(Process process, String text) throws IOException {
        StringBuilder seen = new StringBuilder();
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            seen.append(line).append('\n');
            if (line.contains(text)) {
                return;
            }
        }
        throw new AssertionError("it ended before it said '" + text + "':\n" + seen);
    }

    /** As ctrl-C does. */
    private static void interrupt(Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }
}
