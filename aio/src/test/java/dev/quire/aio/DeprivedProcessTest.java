package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;
import dev.quire.support.Deprivation;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Real refusals, in a process of its own: an engine that is asked for by name says why it does not
 * work and what helps; AUTO goes on with the next.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DeprivedProcessTest {
    private static final String SECCOMP =
            "let the seccomp profile of the container allow io_uring_setup, io_uring_enter and"
                    + " io_uring_register";

    @TempDir private Path directory;

    // io_uring_setup, io_uring_enter, io_uring_register: each alone makes a ring useless.
    @ParameterizedTest
    @ValueSource(ints = {425, 426, 427})
    void shouldSayThatSeccompRefusesTheRing(int call) throws Exception {
        assumeRing();
        List<String> lines =
                run("refuse:" + call + ":" + Errno.EPERM, "open:URING", "open:AUTO", "open:AUTO");
        assertThat(answer(lines, "open:URING"))
                .startsWith("engine does not work here: engine=URING: io_uring_")
                .contains("refused: EPERM (1)", SECCOMP);
        assertNextEngine(lines, SECCOMP);
    }

    // Some profiles answer that the call does not exist.
    @Test
    void shouldSayThatTheKernelOrSeccompLacksTheRing() throws Exception {
        assumeRing();
        List<String> lines = run("refuse:425:" + Errno.ENOSYS, "open:URING", "open:AUTO");
        assertThat(answer(lines, "open:URING"))
                .contains("io_uring_setup refused: ENOSYS (38)")
                .contains("use Linux 5.6 or later", "seccomp profile of the container");
        assertNextEngine(lines, "seccomp profile of the container");
    }

    @Test
    void shouldSayThatDescriptorsHaveRunOut() throws Exception {
        Path path = Files.createFile(directory.resolve("file"));
        List<String> lines =
                run(
                        "files:0",
                        "open:URING",
                        "open:AUTO",
                        "file:AUTO:" + path,
                        "file:CHANNEL:" + path);
        if (UringSupport.refusal().isEmpty()) {
            assertThat(answer(lines, "open:URING"))
                    .contains("refused: EMFILE (24); raise the limit of open files (ulimit -n)");
            assertNextEngine(lines, "ulimit -n");
        }
        assertThat(answer(lines, "file:AUTO"))
                .startsWith("open failed: EMFILE (24), raise the limit of open files (ulimit -n)");
        assertThat(answer(lines, "file:CHANNEL")).startsWith("open failed: EMFILE (24)");
    }

    // The second descriptor of a ring is its doorbell.
    @Test
    void shouldSayThatDescriptorsRunOutWhileTheRingIsMade() throws Exception {
        assumeRing();
        List<String> lines = run("files:1", "open:URING", "open:AUTO");
        assertThat(answer(lines, "open:URING"))
                .contains("refused: EMFILE (24); raise the limit of open files (ulimit -n)");
        assertNextEngine(lines, "ulimit -n");
    }

    // Since Linux 5.12 a ring itself is no locked memory; before, its refusal names the limit.
    @Test
    void shouldWorkOrNameTheLimitWhenNoMemoryMayBeLocked() throws Exception {
        assumeRing();
        List<String> withoutRight = List.of("setpriv", "--bounding-set=-ipc_lock");
        assumeTrue(
                SystemCommand.run("setpriv", "--bounding-set=-ipc_lock", "true").isPresent(),
                "dropping CAP_IPC_LOCK needs root and setpriv");
        List<String> lines =
                DeprivedProcess.run(
                        withoutRight,
                        "limit:" + Deprivation.LIMIT_LOCKED_BYTES + ":0",
                        "open:URING",
                        "write:URING:" + directory.resolve("file") + ":0");
        if (!answer(lines, "open:URING").equals("URING")) {
            assertThat(answer(lines, "open:URING")).contains("ENOMEM (12); raise", "ulimit -l");
        } else {
            assertThat(answer(lines, "write:URING")).isEqualTo("8192 and 8192");
        }
    }

    @Test
    void shouldGoOnWithoutRegisteredMemoryWhenItMayNotBeLocked() throws Exception {
        assumeRing();
        List<String> withoutRight = List.of("setpriv", "--bounding-set=-ipc_lock");
        assumeTrue(
                SystemCommand.run("setpriv", "--bounding-set=-ipc_lock", "true").isPresent(),
                "dropping CAP_IPC_LOCK needs root and setpriv");
        List<String> lines =
                DeprivedProcess.run(
                        withoutRight,
                        "memory:URING",
                        "limit:" + Deprivation.LIMIT_LOCKED_BYTES + ":" + (8 << 20),
                        "memory:URING");
        List<String> answers =
                lines.stream().filter(line -> line.startsWith("memory:URING")).toList();
        assertThat(answers).hasSize(2);
        assertThat(answers.getLast())
                .contains("register memory: ENOMEM (12)", "raise the limit of locked memory");
        assertThat(lines)
                .filteredOn(line -> line.contains("memory is not registered with the rings"))
                .isNotEmpty();
    }

    // The signal of this limit, SIGXFSZ, is caught by the JVM, or the process would end here.
    @ParameterizedTest
    @ValueSource(strings = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldReportTheLimitOfFileLength(String engine) throws Exception {
        if (engine.equals("URING")) {
            assumeRing();
        }
        Path path = directory.resolve("file");
        List<String> lines =
                run(
                        "limit:" + Deprivation.LIMIT_FILE_BYTES + ":" + 4 * 4096,
                        "write:" + engine + ":" + path + ":4",
                        "write:" + engine + ":" + path + ":3",
                        "write:" + engine + ":" + path + ":2");
        assertThat(answer(lines, "write:" + engine + ":" + path + ":4"))
                .isEqualTo("EFBIG and EFBIG");
        // A part fits, the rest does not: an error, and no partial count.
        assertThat(answer(lines, "write:" + engine + ":" + path + ":3"))
                .isEqualTo("EFBIG and EFBIG");
        assertThat(answer(lines, "write:" + engine + ":" + path + ":2")).isEqualTo("8192 and 8192");
        assertThat(Files.size(path)).isEqualTo(4 * 4096);
    }

    private static void assertNextEngine(List<String> lines, String cure) {
        List<String> warnings =
                lines.stream().filter(line -> line.contains("engine URING is refused")).toList();
        if (EngineLadder.rungs().getFirst() == Engine.URING) {
            assertThat(answer(lines, "open:AUTO")).isEqualTo("THREAD_POOL");
            assertThat(warnings).hasSize(1).allMatch(line -> line.contains(cure));
        } else {
            assertThat(answer(lines, "open:AUTO"))
                    .isEqualTo(EngineLadder.rungs().getFirst().name());
            assertThat(warnings).isEmpty();
        }
    }

    private static String answer(List<String> lines, String step) {
        List<String> answers = lines.stream().filter(line -> line.startsWith(step)).toList();
        assertThat(answers).as("of %s in %s", step, lines).isNotEmpty();
        return answers.getFirst().substring(answers.getFirst().indexOf("-> ") + 3);
    }

    private static List<String> run(String... steps) throws Exception {
        return DeprivedProcess.run(List.of(), steps);
    }

    private static void assumeRing() {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
    }
}
