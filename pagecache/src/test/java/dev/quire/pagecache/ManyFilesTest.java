package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One cache with thousands of files, and several caches in one JVM. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyFilesTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 256;
    private static final int STORES = 10_000;
    private static final int REAL_FILES = 10_000;

    /** Far more than a JVM has of its own. */
    private static final int MAPPINGS_MAX = 1_500;

    /** Kept for whatever else this process has open. */
    private static final int OTHER_DESCRIPTORS = 500;

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

    /** A file that is closed keeps its translation until the collector comes by. */
    @Test
    void shouldOpenAndCloseMoreFilesThanTheSystemHasMappings() throws Exception {
        try (PageCache cache = cache()) {
            MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
            for (int i = 0; i < 70_000; i++) {
                try (PagedFile file = cache.map("store", backing)) {
                    touch(file, i);
                }
            }
            assertThat(cache.stats().cachedPages()).isZero();
        }
    }

    /** In memory where that can be: thirty thousand syncs of a disk take minutes. */
    @Test
    void shouldKeepTenThousandRealFilesOpen(@TempDir(factory = InMemory.class) Path folder)
            throws Exception {
        long most = softLimit("Max open files");
        assumeTrue(
                most >= REAL_FILES + OTHER_DESCRIPTORS,
                () -> "too few open files allowed (ulimit -n): " + most);
        int before = descriptors();
        try (PageCache cache = cache()) {
            List<PagedFile> files = new ArrayList<>();
            for (int i = 0; i < REAL_FILES; i++) {
                files.add(open(cache, folder.resolve("f" + i)));
                touch(files.get(i), i);
            }
            for (int i = 0; i < REAL_FILES; i += 3) {
                assertThat(value(files.get(i))).isEqualTo(i);
            }
            cache.verify();
            assertThat(descriptors()).isGreaterThanOrEqualTo(before + REAL_FILES);
            for (PagedFile file : files) {
                file.close();
            }
            assertThat(cache.context().spaces().all()).isEmpty();
            assertThat(cache.stats().cachedPages()).isZero();
            CacheFixture.awaitAllFree(cache);
        }
        assertThat(descriptors()).as("open files").isLessThan(before + OTHER_DESCRIPTORS);
        for (int i = 0; i < REAL_FILES; i++) {
            assertThat(Files.size(folder.resolve("f" + i))).isEqualTo(4 * PAGE_BYTES);
        }
    }

    static final class InMemory implements TempDirFactory {
        private static final Path SHARED_MEMORY = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test)
                throws IOException {
            return Files.isWritable(SHARED_MEMORY)
                    ? Files.createTempDirectory(SHARED_MEMORY, "quire")
                    : Files.createTempDirectory("quire");
        }
    }

    private static PagedFile open(PageCache cache, Path path) throws IOException {
        return cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    /** As the system has it for this process: its name, the limit, the limit of the limit. */
    private static long softLimit(String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith(name)) {
                String limits = line.substring(name.length()).strip();
                String limit = limits.substring(0, limits.indexOf(' '));
                return limit.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit);
            }
        }
        throw new AssertionError("no limit " + name);
    }

    private static int descriptors() {
        String[] names = Path.of("/proc/self/fd").toFile().list();
        return names == null ? 0 : names.length;
    }

    /** The slots of a file are mapped memory, which goes when nobody can reach them any more. */
    @Test
    void shouldKeepNothingMappedForFilesThatAreClosed() throws Exception {
        try (PageCache cache = cache()) {
            for (int i = 0; i < 3 * MAPPINGS_MAX; i++) {
                try (PagedFile file = cache.map("store " + i, new MemoryBacking(PAGE_BYTES))) {
                    touch(file, i);
                }
            }
            Running.until(
                    "the maps of closed files are gone",
                    () -> {
                        System.gc();
                        return mappings() < MAPPINGS_MAX;
                    });
        }
    }

    private static int mappings() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
