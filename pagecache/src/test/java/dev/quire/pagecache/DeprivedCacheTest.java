package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.support.ChildJvm;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A cache in a process that is refused what others have: it works, or says what is short. */
@Timeout(value = 150, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeprivedCacheTest {
    /** What a control group lets a process have, of which the JVM takes a part. */
    static final int GROUP_BYTES = 192 << 20;

    private static final int DESCRIPTORS = 20_000;
    private static final int HEAP_BYTES = 48 << 20;

    @TempDir Path directory;

    private List<String> run(List<String> prefix, List<String> options, String what)
            throws Exception {
        List<String> lines =
                ChildJvm.run(prefix, options, DeprivedCache.class, what, directory.toString());
        assertThat(lines).last().isEqualTo("over");
        return lines;
    }

    private static void assumeRing() throws IOException {
        try (AsyncIo io = AsyncIo.open(AsyncIoConfig.builder().build())) {
            assumeTrue(io.engine() == Engine.URING, "io_uring is refused here anyway");
        }
    }

    @Test
    void shouldWorkWithoutARingAndSayOnceWhy() throws Exception {
        assumeRing();
        List<String> lines = run(List.of(), List.of(), "ring");
        assertThat(lines).contains("engine=THREAD_POOL", "used");
        assertThat(lines)
                .filteredOn(line -> line.contains("engine URING is refused"))
                .hasSize(1)
                .allMatch(line -> line.contains("EPERM (1)") && line.contains("seccomp"));
    }

    @Test
    void shouldWorkWithoutLockedMemoryUnlessThatIsRequired() throws Exception {
        List<String> without =
                List.of("prlimit", "--memlock=0:0", "setpriv", "--bounding-set=-ipc_lock");
        assumeTrue(
                SystemCommand.passes(
                        "prlimit", "--memlock=0:0", "setpriv", "--bounding-set=-ipc_lock", "true"),
                "dropping CAP_IPC_LOCK needs root, prlimit and setpriv");
        List<String> lines = run(without, List.of(), "locked");
        assertThat(lines).contains("used");
        assertThat(lines)
                .filteredOn(line -> line.contains("mlock refused"))
                .isNotEmpty()
                .allMatch(line -> line.contains("RLIMIT_MEMLOCK=0"));
        assertThat(lines)
                .anyMatch(line -> line.startsWith("refused=mlock refused"))
                .noneMatch(line -> line.startsWith("made="));
    }

    @Test
    void shouldSayThatDescriptorsHaveRunOutAndServeTheFilesThatAreOpen() throws Exception {
        List<String> limit = List.of("prlimit", "--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS);
        assumeTrue(
                SystemCommand.passes(
                        "prlimit", "--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS, "true"),
                "so many descriptors are not allowed here, or no prlimit");
        List<String> lines = run(limit, List.of(), "descriptors");
        String cure = "EMFILE (24), raise the limit of open files (ulimit -n)";
        assertThat(number(lines, "taken=")).isBetween(DESCRIPTORS / 2L, (long) DESCRIPTORS);
        assertThat(number(lines, "opened=")).isBetween(4L, 8L);
        assertThat(lines)
                .anyMatch(line -> line.startsWith("open: open failed: " + cure))
                .anyMatch(line -> line.startsWith("lock: "))
                .anyMatch(line -> line.startsWith("dump: "))
                .anyMatch(
                        line -> line.startsWith("close: ") && line.contains("open failed: EMFILE"))
                .contains("opened again");
    }

    @Test
    void shouldStayInsideItsControlGroup() throws Exception {
        Path all = Path.of("/sys/fs/cgroup/memory"); // version 1; else all of them lie here
        boolean old = Files.isDirectory(all);
        Path group =
                (old ? all : Path.of("/sys/fs/cgroup"))
                        .resolve("quire-" + ProcessHandle.current().pid());
        Path limit = group.resolve(old ? "memory.limit_in_bytes" : "memory.max");
        boolean made = make(group, limit);
        try {
            assumeTrue(made, "a control group with a limit of memory needs root: " + group);
            List<String> join =
                    List.of(
                            "sh",
                            "-c",
                            "echo $$ > " + group.resolve("cgroup.procs") + " && exec \"$@\"",
                            "sh");
            List<String> small = List.of("-Xmx" + HEAP_BYTES, "-XX:+UseSerialGC");
            List<String> lines = run(join, small, "group");
            assertThat(lines).contains("used");
            assertThat(number(lines, "capacity="))
                    .isBetween(1L << 20, (GROUP_BYTES - HEAP_BYTES) / 4L + (1 << 20));
        } finally {
            Files.deleteIfExists(group);
        }
    }

    private static boolean make(Path group, Path limit) {
        try {
            Files.createDirectory(group);
            Files.writeString(limit, String.valueOf(GROUP_BYTES));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static long number(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.substring(name.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + lines));
    }
}
