package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory a cache takes that was not told, from what the system's files say. */
class MemoryBudgetTest {
    private static final long GIB = 1L << 30;
    private static final int PAGE_BYTES = 8192;

    @TempDir Path root;

    private void file(String name, String content) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private void physical(long bytes) throws IOException {
        file("proc/meminfo", "MemTotal:       " + (bytes >> 10) + " kB\nMemFree:  1 kB\n");
    }

    private long cacheBytes(long heapBytes) {
        return new MemoryBudget(root, heapBytes).cacheBytes(PAGE_BYTES);
    }

    @Test
    void shouldTakeAQuarterOfWhatTheHeapLeavesOfTheMachine() throws Exception {
        physical(16 * GIB);
        assertThat(cacheBytes(4 * GIB)).isEqualTo(3 * GIB);
        file("proc/self/cgroup", "0::/user.slice\n");
        file("sys/fs/cgroup/user.slice/memory.max", "max\n");
        assertThat(cacheBytes(4 * GIB)).isEqualTo(3 * GIB);
    }

    @Test
    void shouldKeepToTheLeastLimitOfItsControlGroupAndThoseAbove() throws Exception {
        physical(64 * GIB);
        file("proc/self/cgroup", "0::/system.slice/db.service\n");
        file("sys/fs/cgroup/system.slice/db.service/memory.max", Long.toString(10 * GIB) + "\n");
        assertThat(cacheBytes(2 * GIB)).isEqualTo(2 * GIB);
        file("sys/fs/cgroup/system.slice/memory.max", Long.toString(6 * GIB) + "\n");
        assertThat(cacheBytes(2 * GIB)).isEqualTo(GIB);
    }

    @Test
    void shouldKeepToTheLimitOfAContainerThatSeesItsGroupAsTheRoot() throws Exception {
        physical(64 * GIB);
        file("proc/self/cgroup", "0::/\n");
        file("sys/fs/cgroup/memory.max", Long.toString(5 * GIB) + "\n");
        assertThat(cacheBytes(GIB)).isEqualTo(GIB);
    }

    @Test
    void shouldKeepToControlGroupsOfVersionOne() throws Exception {
        physical(64 * GIB);
        file("proc/self/cgroup", "12:cpu,cpuacct:/docker/ab\n9:memory:/docker/ab\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", Long.toString(9 * GIB) + "\n");
        assertThat(cacheBytes(GIB)).as("the path is one of outside").isEqualTo(2 * GIB);
        file("sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes", Long.toString(5 * GIB));
        assertThat(cacheBytes(GIB)).isEqualTo(GIB);
        file("sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(cacheBytes(GIB)).as("no limit of its own").isEqualTo(2 * GIB);
    }

    @Test
    void shouldTakeTheLeastThatACacheWorksWithWhenThereIsNothingLeft() throws Exception {
        physical(4 * GIB);
        assertThat(cacheBytes(8 * GIB)).isEqualTo((long) PageCacheConfig.PAGES_MIN * PAGE_BYTES);
    }

    @Test
    void shouldTakeALittleWhereTheSystemTellsNothing() {
        assertThat(cacheBytes(GIB)).isEqualTo(GIB / MemoryBudget.SHARE);
    }

    @Test
    void shouldGiveWholePages() throws Exception {
        physical(3 * GIB + 12 * 1024);
        assertThat(cacheBytes(GIB) % PAGE_BYTES).isZero();
    }
}
