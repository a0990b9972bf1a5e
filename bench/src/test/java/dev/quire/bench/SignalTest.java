package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.joining;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A run that is stopped from outside, in a JVM of its own. */
final class SignalTest {
    @TempDir private Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void shouldRemoveTheTemporaryFileWhenItIsInterrupted() throws Exception {
        Process process =
                start(
                        "run",
                        "--temp-dir=" + folder,
                        "--file-bytes=8m",
                        "--memory=1m",
                        "--seconds=600");
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

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void shouldLeaveNoHalfOfAFileThatWasToStay() throws Exception {
        // Far from whole when the signal comes.
        long sizeBytes = Math.min(Files.getFileStore(folder).getUsableSpace() / 2, 64L << 30);
        Process process = start("io", "--file=" + folder.resolve("half"), "--size=" + sizeBytes);
        try {
            awaitLine(process, "making a file of");

            interrupt(process);

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 2);
            assertThat(folder).isEmptyDirectory();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void shouldLeaveNoReportOfReplaysThatAreInterrupted() throws Exception {
        Path trace = folder.resolve("long.txt");
        Files.writeString(trace, "1\n2\n3\n".repeat(300_000));
        // 1000 sizes: far from done when the signal comes.
        String frames =
                IntStream.range(1000, 2000).mapToObj(Integer::toString).collect(joining(","));
        Path report = folder.resolve("report.html");
        Process process =
                start("replay", "--frames=" + frames, "--report=" + report, trace.toString());
        try {
            awaitLine(process, "replaying long");

            interrupt(process);

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + 2);
            assertThat(report).doesNotExist();
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start(String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add("dev.quire.bench.Quire");
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
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
