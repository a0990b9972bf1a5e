package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A block device that fails for real, under pages that are cached and dirty: a loop device whose
 * file lies on a tmpfs. When the tmpfs is full, writes to blocks that were never written fail with
 * EIO; when the file is cut, so do reads of what is cut off. Both can be undone.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BrokenDiskTest {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 256;
    private static final int WRITTEN = 16; // pages that are on the device
    private static final int NEW = 100; // the first page that was never written

    @TempDir Path directory;
    private boolean mounted;
    private Path image;
    private Path hog;
    private Optional<String> device = Optional.empty();
    private PageCache cache;
    private boolean closed;
    private PagedFile other; // on a disk that works

    @BeforeEach
    void make() throws Exception {
        String size = "size=" + 2 * PAGES * PAGE_BYTES;
        Path tmpfs = Files.createDirectory(directory.resolve("tmpfs"));
        mounted =
                SystemCommand.passes("mount", "-t", "tmpfs", "-o", size, "none", tmpfs.toString());
        assumeTrue(mounted, "mounting a tmpfs needs root");
        image = tmpfs.resolve("image");
        hog = tmpfs.resolve("hog");
        cutImage(PAGES);
        device = SystemCommand.run("losetup", "--find", "--show", image.toString());
        assumeTrue(device.isPresent(), "a loop device needs root, losetup and a free one");
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .dirtyPercent(40, 80)
                                .dirtyAge(Duration.ofHours(1))
                                .readAheadBytes(0)
                                .build());
        other = cache.map("other", new MemoryBacking(PAGE_BYTES));
    }

    @AfterEach
    void remove() throws Exception {
        if (device.isPresent() && !closed) {
            checkTheOtherFile();
            cache.close();
        }
        if (device.isPresent()) {
            assertThat(SystemCommand.passes("losetup", "--detach", device.get())).isTrue();
        }
        if (mounted) {
            Path tmpfs = directory.resolve("tmpfs");
            assertThat(SystemCommand.passes("umount", tmpfs.toString())).isTrue();
        }
    }

    /**
     * The cache works on for other files, and holds nothing of the broken one that it should not.
     */
    private void checkTheOtherFile() throws IOException {
        stamp(other, 0, 4, 7);
        other.sync();
        assertThat(read(other, 3)).isEqualTo(10);
        cache.verify();
        other.close();
        CacheFixture.awaitAllFree(cache);
    }

    private void cutImage(int pages) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) pages * PAGE_BYTES);
        }
    }

    private void fillTmpfs() throws IOException {
        byte[] page = new byte[PAGE_BYTES];
        try (var out = Files.newOutputStream(hog)) {
            for (int pages = 0; pages <= 2 * PAGES; pages++) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(Files.size(hog)).isPositive();
            return;
        }
        throw new AssertionError("the file system has no end");
    }

    private PagedFile open(OpenOption... more) throws IOException {
        List<OpenOption> options = new ArrayList<>(List.of(more));
        options.add(StandardOpenOption.WRITE);
        return cache.open(Path.of(device.orElseThrow()), options.toArray(OpenOption[]::new));
    }

    private static void stamp(PagedFile file, long from, long count, long stamp) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < from + count; page++) {
                c.write(page);
                c.putLong(0, page + stamp);
                c.putLong(PAGE_BYTES - 8, page + stamp);
                c.release();
            }
        }
    }

    /** A loop device hands on what its own file system says. */
    private static void saysWhatTheDeviceSaid(Throwable e) {
        assertThat(e.getMessage()).containsAnyOf("EIO (5)", "ENOSPC (28)");
    }

    private static long read(PagedFile file, long page) {
        return CacheFixture.read(file, page);
    }

    @Test
    void shouldKeepDirtyPagesOfADeviceThatRefusesThemAndWriteThemWhenItWorksAgain()
            throws Exception {
        try (PagedFile file = open(RealFileTest.direct())) {
            stamp(file, 0, WRITTEN, 1);
            file.sync();
            fillTmpfs();
            stamp(file, NEW, 8, 2);
            stamp(file, 0, 2, 5); // these the device still takes
            assertThatThrownBy(file::sync)
                    .isInstanceOf(WriteFailedException.class)
                    .hasMessageContaining(device.orElseThrow())
                    .satisfies(BrokenDiskTest::saysWhatTheDeviceSaid);
            assertThat(cache.stats().dirtyPages()).isBetween(8L, 10L);
            assertThat(read(file, NEW + 7)).isEqualTo(NEW + 9);
            assertThat(read(file, 5)).isEqualTo(6);
            assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
            Files.delete(hog);
            file.sync();
            assertThat(cache.stats().dirtyPages()).isZero();
            assertThat(file.invalidate(0, PAGES)).isZero();
            assertThat(read(file, 1)).isEqualTo(6);
            assertThat(read(file, NEW + 7)).isEqualTo(NEW + 9);
            file.sync(); // and the error was told
        }
    }

    /** The kernel takes the bytes, and tells at the sync that they are gone. */
    @Test
    void shouldFenceAFileWhoseSyncFailsAndHaveWhatWasSyncedBefore() throws Exception {
        PagedFile file = open();
        stamp(file, 0, WRITTEN, 1);
        file.sync();
        fillTmpfs();
        stamp(file, NEW, 8, 2);
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .satisfies(BrokenDiskTest::saysWhatTheDeviceSaid);
        assertThatThrownBy(file::sync).isInstanceOf(FileFencedException.class);
        assertThatThrownBy(() -> stamp(file, 0, 1, 9)).isInstanceOf(FileFencedException.class);
        assertThat(read(file, NEW)).as("cached").isEqualTo(NEW + 2);
        assertThatThrownBy(file::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=0");
        Files.delete(hog);
        try (PagedFile again = open()) {
            for (int page = 0; page < WRITTEN; page++) {
                assertThat(read(again, page)).isEqualTo(page + 1);
            }
            stamp(again, NEW, 8, 3);
            again.sync();
        }
    }

    @Test
    void shouldTellADirectWriteOfItAndLeaveThePagesAsTheyWere() throws Exception {
        try (PagedFile file = open(RealFileTest.direct())) {
            stamp(file, 0, WRITTEN, 1);
            file.sync();
            fillTmpfs();
            var memory = DirectFixture.memory(4 * PAGE_BYTES);
            assertThatThrownBy(() -> file.writeDirect(memory, (long) NEW * PAGE_BYTES))
                    .isInstanceOf(IOException.class)
                    .satisfies(BrokenDiskTest::saysWhatTheDeviceSaid);
            assertThat(read(file, NEW)).isZero();
            assertThat(read(file, 5)).isEqualTo(6);
            assertThat(file.readDirect(memory, 5L * PAGE_BYTES)).isEqualTo(4L * PAGE_BYTES);
            Files.delete(hog);
            file.writeDirect(memory, (long) NEW * PAGE_BYTES);
            assertThat(read(file, NEW)).isEqualTo(6);
            file.sync();
        }
    }

    @Test
    void shouldKeepSnapshotsOfAFileThatCannotBeWritten() throws Exception {
        try (PagedFile file = open(RealFileTest.direct())) {
            stamp(file, 0, WRITTEN, 1);
            file.sync();
            fillTmpfs();
            try (FileSnapshot snapshot = file.snapshot();
                    SnapshotCursor c = snapshot.cursor()) {
                stamp(file, 0, 4, 5);
                stamp(file, NEW, 4, 5);
                assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
                c.read(3);
                assertThat(c.getLong(0)).isEqualTo(4);
                c.read(NEW);
                assertThat(c.getLong(0)).isZero();
                assertThat(read(file, 3)).isEqualTo(8);
            }
            Files.delete(hog);
            file.sync();
        }
    }

    @Test
    void shouldSayWhatCannotBeReadAndReadItWhenTheDeviceIsWholeAgain() throws Exception {
        try (PagedFile file = open(RealFileTest.direct())) {
            stamp(file, 0, WRITTEN, 1);
            stamp(file, NEW, 4, 1);
            file.sync();
            file.invalidate(0, PAGES);
            assertThat(read(file, 3)).isEqualTo(4);
            cutImage(WRITTEN);
            assertThatThrownBy(() -> read(file, NEW))
                    .isInstanceOf(PageReadException.class)
                    .hasMessageContaining("page=" + NEW)
                    .hasMessageContaining("EIO (5)");
            file.prefetchRange(NEW, 4); // a hint: fails for itself
            assertThatThrownBy(() -> file.readDirect(DirectFixture.memory(PAGE_BYTES), 819_200))
                    .isInstanceOf(IOException.class)
                    .satisfies(BrokenDiskTest::saysWhatTheDeviceSaid);
            assertThat(read(file, 3)).isEqualTo(4);
            assertThat(read(file, WRITTEN - 1)).isEqualTo(WRITTEN);
            cutImage(PAGES);
            assertThat(read(file, NEW)).as("what was cut off is zeros").isZero();
            file.sync();
        }
    }

    @Test
    void shouldSayHowManyPagesAreLostWhenTheCacheIsClosed() throws Exception {
        PagedFile file = open(RealFileTest.direct());
        stamp(file, 0, WRITTEN, 1);
        file.sync();
        fillTmpfs();
        stamp(file, NEW, 8, 2);
        checkTheOtherFile();
        closed = true;
        assertThatThrownBy(cache::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=8")
                .satisfies(BrokenDiskTest::saysWhatTheDeviceSaid);
        cache.close(); // told once
    }
}
