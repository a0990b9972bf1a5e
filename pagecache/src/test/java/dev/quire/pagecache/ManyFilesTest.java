package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One cache with thousands of files, and several caches in one JVM. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyFilesTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 256;
    private static final int STORES = 10_000;
    private static final int REAL_FILES = 2_000;

    @TempDir Path directory;

    private static PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(FRAMES * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .dirtyAge(Duration.ofMillis(100))
                        .build());
    }

    private static void touch(PagedFile file, long value) {
        try (PageCursor c = file.cursor()) {
            c.write(3);
            c.putLong(0, value);
            c.release();
        }
    }

    private static long value(PagedFile file) {
        try (PageCursor c = file.cursor()) {
            long value;
            do {
                c.read(3);
                value = c.getLong(0);
            } while (c.retry());
            return value;
        }
    }

    @Test
    void shouldKeepTenThousandStoresOpenWithOneCursorEach() throws Exception {
        try (PageCache cache = cache()) {
            long idleBytes = cache.stats().metadataBytes();
            List<PagedFile> files = new ArrayList<>();
            List<PageCursor> cursors = new ArrayList<>();
            for (int i = 0; i < STORES; i++) {
                PagedFile file = cache.map("store " + i, new MemoryBacking(PAGE_BYTES));
                files.add(file);
                cursors.add(file.cursor());
            }
            assertThat(cache.stats().metadataBytes())
                    .as("a file that was never touched has no translation")
                    .isEqualTo(idleBytes);
            for (int i = 0; i < STORES; i++) {
                touch(files.get(i), i);
            }
            for (int i = 0; i < STORES; i += 7) {
                assertThat(value(files.get(i))).isEqualTo(i);
            }
            cache.verify();
            cursors.forEach(PageCursor::close);
            for (PagedFile file : files) {
                file.close();
            }
            assertThat(cache.stats().cachedPages()).isZero();
            assertThat(cache.context().spaces().all()).isEmpty();
            cache.verify();
        }
    }

    @Test
    void shouldKeepThousandsOfRealFilesOpen() throws Exception {
        try (PageCache cache = cache()) {
            List<PagedFile> files = new ArrayList<>();
            for (int i = 0; i < REAL_FILES; i++) {
                files.add(open(cache, directory.resolve("f" + i)));
            }
            for (int i = 0; i < REAL_FILES; i++) {
                touch(files.get(i), i);
            }
            for (int i = 0; i < REAL_FILES; i++) {
                assertThat(value(files.get(i))).isEqualTo(i);
            }
            cache.verify();
        }
        for (int i = 0; i < REAL_FILES; i++) {
            assertThat(Files.size(directory.resolve("f" + i))).isEqualTo(4 * PAGE_BYTES);
        }
    }

    private static PagedFile open(PageCache cache, Path path) throws IOException {
        try {
            return cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).contains("EMFILE")
                    ? abort("too few open files allowed: " + e.getMessage())
                    : fail(e);
        }
    }

    private static PagedFile fail(IOException e) throws IOException {
        throw e;
    }

    @Test
    void shouldKeepCachesOfOneJvmApart() throws Exception {
        List<PageCache> caches = new ArrayList<>();
        List<PagedFile> files = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            PageCache cache = cache();
            caches.add(cache);
            files.add(open(cache, directory.resolve("data" + i)));
        }
        for (int i = 0; i < 4; i++) {
            touch(files.get(i), i + 100);
        }
        caches.get(0).close();
        for (int i = 1; i < 4; i++) {
            assertThat(value(files.get(i))).isEqualTo(i + 100);
            assertThat(caches.get(i).stats().cachedPages()).isEqualTo(1);
            caches.get(i).verify();
        }
        // Who holds a latch in one cache is not held up by the end of another one.
        try (PageCursor c = files.get(1).cursor()) {
            c.write(3);
            caches.get(2).close();
        }
        caches.get(1).close();
        caches.get(3).close();
    }
}
