package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.SnapshotLostException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

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
        mounted =
                SystemCommand.passes(
                        "mount", "-t", "tmpfs", "-o", size, "none", directory.toString());
        assumeTrue(mounted, "no right to mount");
        data = directory.resolve("data");
        hog = directory.resolve("hog");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(SystemCommand.passes("umount", directory.toString())).isTrue();
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
            syncTold(file);
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

    // What fills a hole needs space, what was there does not.
    @Test
    void shouldWriteWhatHasItsPlaceAndKeepWhatWouldFillAHole() throws Exception {
        try (PageCache cache = cache()) {
            PagedFile file = cache.open(data, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            write(file, 0, 20);
            file.truncate(100L * PAGE_BYTES);
            file.sync();
            fillDisk();
            write(file, 60, 10);
            rewrite(file, 0, 20, 500);
            assertThatThrownBy(file::sync)
                    .isInstanceOf(WriteFailedException.class)
                    .hasStackTraceContaining("ENOSPC (28)");
            assertThatThrownBy(
                            () ->
                                    file.writeDirect(
                                            DirectFixture.memory(PAGE_BYTES), 90L * PAGE_BYTES))
                    .isInstanceOf(IOException.class)
                    .hasStackTraceContaining("ENOSPC (28)");
            assertThat(first(file, 65)).isEqualTo(66);
            assertThat(first(file, 90)).as("a hole").isZero();
            PagedFile other = cache.map("other", new MemoryBacking(PAGE_BYTES));
            write(other, 0, 60);
            other.close();
            cache.verify();
            Files.delete(hog);
            syncTold(file);
            byte[] bytes = Files.readAllBytes(data);
            assertThat(bytes).hasSize(100 * PAGE_BYTES);
            assertThat(bytes[65 * PAGE_BYTES]).isEqualTo((byte) 66);
            assertThat(bytes[3 * PAGE_BYTES]).isEqualTo((byte) 503);
            file.close();
        }
    }

    // A snapshot that cannot spill is lost; who writes is not.
    @Test
    void shouldLoseASnapshotThatFindsNoSpaceAndNoWrite() throws Exception {
        try (PageCache cache = cache()) {
            PagedFile file = cache.open(data, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            write(file, 0, 100);
            file.sync();
            fillDisk();
            try (FileSnapshot snapshot = file.snapshot()) {
                rewrite(file, 0, 100, 500);
                file.sync(); // has its place
                try (SnapshotCursor c = snapshot.cursor()) {
                    c.read(99);
                    assertThat(c.getLong(0)).isEqualTo(100);
                } catch (SnapshotLostException e) {
                    assertThat(e).hasMessageContaining("data");
                }
            }
            cache.verify();
            assertThat(Files.readAllBytes(data)[99 * PAGE_BYTES]).isEqualTo((byte) 599);
            file.close();
        }
    }

    private static void rewrite(PagedFile file, long from, long count, long more) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < from + count; page++) {
                c.write(page);
                c.putLong(0, page + more);
                c.release();
            }
        }
    }

    private static long first(PagedFile file, long page) {
        try (PageCursor c = file.cursor()) {
            long first;
            do {
                c.read(page);
                first = c.getLong(0);
            } while (c.retry());
            return first;
        }
    }

    /** A flusher may have met the full disk since the error was told last. */
    private static void syncTold(PagedFile file) throws IOException {
        try {
            file.sync();
        } catch (WriteFailedException e) {
            file.sync();
        }
    }

    // ---- canary

    /** Writes the file, and says nothing of what it could not write. */
    private static final class Liar implements AddressSpaceOps {
        private final FileChannel channel;

        Liar(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int readPage(long page, MemorySegment into) throws IOException {
            return Math.max(0, channel.read(into.asByteBuffer(), page * PAGE_BYTES));
        }

        @Override
        public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {
            for (int i = 0; i < count; i++) {
                try {
                    channel.write(pages[i].asByteBuffer(), (firstPage + i) * PAGE_BYTES);
                } catch (IOException swallowed) {
                    assertThat(swallowed).isNotNull(); // and that is all that is done about it
                }
            }
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long sizeBytes) {}

        @Override
        public long sizeBytes() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void shouldNoticeAStoreThatSwallowsTheFullDisk() throws Exception {
        try (PageCache cache = cache();
                PagedFile file =
                        cache.map(
                                "liar",
                                new Liar(
                                        FileChannel.open(
                                                data,
                                                StandardOpenOption.READ,
                                                StandardOpenOption.WRITE,
                                                StandardOpenOption.CREATE)))) {
            write(file, 0, 50);
            file.sync();
            assertOnDisk(50);
            fillDisk();
            write(file, 50, 20);
            file.sync();
            assertThatThrownBy(() -> assertOnDisk(70)).isInstanceOf(AssertionError.class);
        }
    }
}
