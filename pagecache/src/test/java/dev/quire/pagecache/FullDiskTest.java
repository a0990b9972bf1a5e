package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A file system of 1 MiB that is full; needs the right to mount one. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {
    private static final int PAGE_BYTES = 4096;
    private static final int DISK_PAGES = 256;

    @TempDir Path directory;
    private boolean mounted;
    private Path data;
    private Path hog;

    @BeforeEach
    void mount() throws Exception {
        String size = "size=" + DISK_PAGES * PAGE_BYTES;
        mounted = run("mount", "-t", "tmpfs", "-o", size, "none", directory.toString());
        assumeTrue(mounted, "no right to mount");
        data = directory.resolve("data");
        hog = directory.resolve("hog");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", directory.toString())).isTrue();
        }
    }

    private static boolean run(String... command) throws Exception {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such command
        }
    }

    private static PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(128 * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .dirtyAge(Duration.ofMillis(20))
                        .build());
    }

    /** Takes all the space that is left. */
    private void fillDisk() throws IOException {
        byte[] page = new byte[PAGE_BYTES];
        try (var out = Files.newOutputStream(hog)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(Files.size(hog)).isPositive();
        }
    }

    private static void write(PagedFile file, long from, long count) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < from + count; page++) {
                c.write(page);
                c.putLong(0, page + 1);
                c.release();
            }
        }
    }

    private void assertOnDisk(long pages) throws IOException {
        byte[] bytes = Files.readAllBytes(data);
        assertThat(bytes.length).isGreaterThanOrEqualTo((int) pages * PAGE_BYTES);
        for (int page = 0; page < pages; page++) {
            assertThat(bytes[page * PAGE_BYTES] & 0xFF).isEqualTo((page + 1) & 0xFF);
        }
    }

    @Test
    void shouldKeepWhatWasSyncedAndWriteTheRestOnceThereIsSpace() throws Exception {
        try (PageCache cache = cache()) {
            PagedFile file = cache.open(data, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            write(file, 0, 50);
            file.sync();
            fillDisk();
            write(file, 50, 20);
            assertThatThrownBy(file::sync)
                    .isInstanceOf(WriteFailedException.class)
                    .hasMessageContaining("data");
            assertOnDisk(50);
            assertThat(cache.stats().dirtyPages()).isPositive();
            assertThatThrownBy(() -> write(file, 70, 120))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(WriteFailedException.class);
            long pages = file.sizePages();
            // close reports, and loses nothing: the file stays open.
            assertThatThrownBy(file::close).isInstanceOf(WriteFailedException.class);
            cache.verify();
            Files.delete(hog);
            try {
                file.sync();
            } catch (WriteFailedException e) { // of the flusher, meanwhile
                file.sync();
            }
            assertThat(cache.stats().dirtyPages()).isZero();
            assertOnDisk(pages - 1); // the last one was refused, or not: see above
            file.close();
            assertThat(Files.size(data)).isEqualTo(pages * PAGE_BYTES);
        }
    }

    @Test
    void shouldSayWhatIsLostWhenTheCacheIsClosedOnAFullDisk() throws Exception {
        PageCache cache = cache();
        PagedFile file = cache.open(data, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        write(file, 0, 50);
        file.sync();
        fillDisk();
        write(file, 50, 10);
        assertThatThrownBy(cache::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=10");
        assertOnDisk(50);
    }
}
