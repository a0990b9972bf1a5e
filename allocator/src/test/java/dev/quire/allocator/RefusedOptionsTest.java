package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Options that the system refuses: a program of its own each, started with less than we may do. Its
 * log goes where a user's goes.
 */
class RefusedOptionsTest {
    private static final List<String> MAY_NOT_LOCK =
            List.of(
                    "setpriv",
                    "--bounding-set=-ipc_lock",
                    "--inh-caps=-ipc_lock",
                    "prlimit",
                    "--memlock=65536:65536");

    /** Makes an allocator with options by name, and says what it got. */
    static final class Program {
        private Program() {}

        public static void main(String[] options) {
            AllocatorConfig.Builder config =
                    AllocatorConfig.builder()
                            .capacityBytes(8 << 20)
                            .hugePages(MemoryOption.valueOf(options[0]))
                            .hugetlb(MemoryOption.valueOf(options[1]))
                            .mlock(MemoryOption.valueOf(options[2]));
            try (PageAllocator allocator = PageAllocator.create(config.build())) {
                int frame = allocator.allocate(3);
                allocator.segment(frame).fill((byte) 1);
                allocator.put(frame);
                allocator.trim();
                System.out.println(allocator.regionInfo());
            } catch (IllegalStateException e) {
                System.out.println("failed: " + e.getMessage());
            }
        }
    }

    private record Outcome(String out, List<String> warnings) {}

    private static Outcome run(List<String> prefix, String... options) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-classpath");
        command.add("target/classes:target/test-classes");
        command.add(Program.class.getName());
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(err).isZero();
        return new Outcome(
                out.strip(), err.lines().filter(line -> line.startsWith("WARNING:")).toList());
    }

    /** Skips the test where the command that takes rights away does not work. */
    private static List<String> needs(List<String> prefix) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add("true");
        int exit;
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            exit = process.waitFor();
        } catch (java.io.IOException e) {
            exit = -1;
        }
        assumeTrue(exit == 0, () -> "this does not work here: " + String.join(" ", prefix));
        return prefix;
    }

    @Test
    void shouldGoOnUnlockedWithOneWarningThatNamesLimitAndCure() throws Exception {
        Outcome outcome = run(needs(MAY_NOT_LOCK), "OFF", "OFF", "WANTED");
        assertThat(outcome.out())
                .isEqualTo(new RegionInfo(8 << 20, false, false, false, false).toString());
        assertThat(outcome.warnings())
                .containsExactly(
                        "WARNING: mlock refused (ENOMEM): bytes=8388608, RLIMIT_MEMLOCK=65536;"
                                + " raise it (ulimit -l 8192, LimitMEMLOCK=), grant CAP_IPC_LOCK,"
                                + " or configure mlock(OFF)");
    }

    @Test
    void shouldFailWhenLockingIsRequiredAndRefused() throws Exception {
        Outcome outcome = run(needs(MAY_NOT_LOCK), "OFF", "OFF", "REQUIRED");
        assertThat(outcome.out())
                .startsWith("failed: mlock refused (ENOMEM): bytes=8388608, RLIMIT_MEMLOCK=65536;");
        assertThat(outcome.warnings()).isEmpty();
    }

    @Test
    void shouldUseOrdinaryMemoryWithOneWarningWhenThePoolIsEmpty() throws Exception {
        try (HugePool pool = HugePool.with(0)) {
            assumeTrue(pool.unused() < 4, "the system has huge pages");
            Outcome wanted = run(List.of(), "OFF", "WANTED", "OFF");
            assertThat(wanted.out())
                    .isEqualTo(new RegionInfo(8 << 20, false, false, false, false).toString());
            assertThat(wanted.warnings()).hasSize(1);
            assertThat(wanted.warnings().getFirst())
                    .startsWith("WARNING: hugetlb memory refused: pages of 2 MiB=4, free=")
                    .endsWith("raise vm.nr_hugepages by 4, or configure hugetlb(OFF)");
            Outcome required = run(List.of(), "OFF", "REQUIRED", "OFF");
            assertThat(required.out()).startsWith("failed: hugetlb memory refused: ");
            assertThat(required.warnings()).isEmpty();
        }
    }

    @Test
    void shouldNoticeThatHugePagesAreSwitchedOffThoughAdviceIsTaken(@TempDir Path folder)
            throws Exception {
        Path never = Files.writeString(folder.resolve("enabled"), "always madvise [never]\n");
        List<String> switchedOff =
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount --bind "
                                + never
                                + " /sys/kernel/mm/transparent_hugepage/enabled && exec \"$@\"",
                        "sh");
        Outcome wanted = run(needs(switchedOff), "WANTED", "OFF", "OFF");
        assertThat(wanted.out())
                .isEqualTo(new RegionInfo(8 << 20, false, false, false, false).toString());
        assertThat(wanted.warnings())
                .containsExactly(
                        "WARNING: transparent huge pages refused (never): bytes=8388608; write"
                                + " madvise to /sys/kernel/mm/transparent_hugepage/enabled, or"
                                + " configure hugePages(OFF)");
        Outcome required = run(switchedOff, "REQUIRED", "OFF", "OFF");
        assertThat(required.out()).startsWith("failed: transparent huge pages refused (never)");
    }
}
