package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A group that finds its pages cached puts nothing on the heap once it is warm: one round without a
 * byte has to come among many.
 */
class CursorGroupAllocationTest {
    private static final int ROUNDS_MAX = 300;
    private static final int USES = 1000;

    /** What the measuring allocates itself. */
    private static final long BYTES_MAX = USES / 10;

    @TempDir private Path folder;

    @Test
    void shouldAllocateNothingForPagesThatAreCached() throws IOException {
        PageCacheConfig config =
                PageCacheConfig.builder().memoryBytes(4 << 20).pageBytes(4096).build();
        try (PageCache cache = PageCache.create(config);
                PagedFile file =
                        cache.open(
                                folder.resolve("file"),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.CREATE)) {
            file.truncate(64 * 4096);
            assertThat(leastBytes(file)).as("bytes for %s uses", USES).isLessThan(BYTES_MAX);
        }
    }

    private static long leastBytes(PagedFile file) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        long[] pages = {1, 5, 3, 7};
        long least = Long.MAX_VALUE;
        try (CursorGroup group = file.cursorGroup(4)) {
            for (int round = 0; round < ROUNDS_MAX && least >= BYTES_MAX; round++) {
                long before = threads.getThreadAllocatedBytes(thread);
                for (int i = 0; i < USES; i++) {
                    group.read(pages, 0, 4);
                    group.retry(2);
                }
                least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
            }
        }
        return least;
    }
}
