package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class ControlGroupTest {
    @Test
    void shouldHoldAProcessAndItsPagesFromItsStartToItsEnd() throws Exception {
        Path folder;
        try (ControlGroup group = make()) {
            folder = Path.of(group.toString());
            group.limit(64 << 20);
            List<String> command = new ArrayList<>(group.join());
            command.addAll(List.of("sh", "-c", "echo in; read line"));
            Process process = new ProcessBuilder(command).start();
            try (BufferedReader out = process.inputReader()) {
                assertThat(out.readLine()).isEqualTo("in");
                assertThat(Files.readString(folder.resolve("cgroup.procs")).lines())
                        .contains(Long.toString(process.pid()));
                // The kernel counts late what is little.
                assertThat(group.ownBytes()).isBetween(0L, 64L << 20);
                assertThat(group.pageCacheBytes()).isBetween(0L, 64L << 20);
            } finally {
                process.outputWriter().close();
                assertThat(process.waitFor()).isNotNegative();
            }
        }
        assertThat(folder).doesNotExist();
    }

    @Test
    void shouldKnowThatTheKernelKilledForItsLimit() throws Exception {
        try (ControlGroup group = make()) {
            assertThat(group.hasKilled()).isFalse();
            group.limit(8 << 20);
            List<String> command = new ArrayList<>(group.join());
            // tail keeps a line until it has its end.
            command.addAll(List.of("sh", "-c", "head -c 67108864 /dev/zero | tail -n 1 | wc -c"));
            Process process = new ProcessBuilder(command).start();
            process.getInputStream().readAllBytes();
            assertThat(process.waitFor()).isNotNegative();
            assertThat(group.hasKilled()).isTrue();
        }
    }

    /** A group; where there can be none, the test is skipped. */
    static ControlGroup make() throws IOException {
        try {
            return ControlGroup.make();
        } catch (IOException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }
}
