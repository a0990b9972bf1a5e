package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

final class ControlGroupTest {
    @TempDir private Path root;

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
                assertThat(group.otherBytes()).isBetween(0L, 64L << 20);
                assertThat(group.kernelBytes()).isBetween(0L, 64L << 20);
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

    @Test
    void shouldSayWhatIsMissingForAGroup() throws IOException {
        assertThatThrownBy(() -> ControlGroup.make(root))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no memory controller in " + root);
        Path controllers = Files.createFile(root.resolve("cgroup.subtree_control"));
        assertThatThrownBy(() -> ControlGroup.make(root))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "the memory controller is not enabled below %s, where writing +memory to"
                                + " %s enables it",
                        root, controllers);
        assertThatThrownBy(() -> ControlGroup.make(root.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("no control group can be made: does not exist: " + root);
        assertThat(root).isDirectoryNotContaining(Files::isDirectory);
    }

    @Test
    void shouldSayThatItNeedsRootWhereItMayNotMakeAGroup() throws IOException {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(root), "who is root may do anything");

        assertThatThrownBy(() -> ControlGroup.make(root))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("making a control group needs root: no permission: ");
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
