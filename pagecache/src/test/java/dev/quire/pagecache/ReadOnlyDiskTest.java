package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system that makes itself read-only under dirty pages, as ext4 does when it finds that it
 * is damaged ({@code errors=remount-ro}). A remount by hand is refused while a file is open to be
 * written.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadOnlyDiskTest {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final long DISK_BYTES = 16 << 20;

    @TempDir Path directory;
    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        Path image = directory.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DISK_BYTES);
        }
        assumeTrue(SystemCommand.passes("mkfs.ext4", "-q", "-F", image.toString()), "no mkfs.ext4");
        disk = Files.createDirectory(directory.resolve("disk"));
        mountAgain();
        assumeTrue(mounted, "mounting an ext4 needs root and a loop device");
    }

    private void mountAgain() throws InterruptedException {
        mounted =
                SystemCommand.passes(
                        "mount",
                        "-o",
                        "loop,errors=remount-ro",
                        directory.resolve("image").toString(),
                        disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(SystemCommand.passes("umount", disk.toString())).isTrue();
            mounted = false;
        }
    }

    /** Has the file system find an error. */
    private void damage() throws Exception {
        String device =
                SystemCommand.run("findmnt", "-n", "-o", "SOURCE", disk.toString()).orElse("");
        Path trigger = Path.of("/sys/fs/ext4", device.replace("/dev/", ""), "trigger_fs_error");
        assumeTrue(Files.exists(trigger), "this kernel cannot be told of an error: " + trigger);
        Files.writeString(trigger, "a test");
    }

    private static PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .dirtyPercent(40, 80)
                        .dirtyAge(Duration.ofHours(1))
                        .build());
    }

    private static void write(PagedFile file, long from, long count, int version) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < from + count; page++) {
                c.write(page);
                Stamps.store(c, (int) page, version);
                c.release();
            }
        }
    }

    private PagedFile open(PageCache cache, boolean direct) throws IOException {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE));
        if (direct) {
            options.add(RealFileTest.direct());
        }
        return cache.open(disk.resolve("data"), options.toArray(OpenOption[]::new));
    }

    @ParameterizedTest(name = "direct={0}")
    @ValueSource(booleans = {false, true})
    void shouldReportWhatCannotBeWrittenServeReadsAndHaveWhatWasSynced(boolean direct)
            throws Exception {
        MemoryBacking elsewhere = new MemoryBacking(PAGE_BYTES);
        PageCache cache = cache();
        PagedFile other = cache.map("elsewhere", elsewhere);
        PagedFile file = open(cache, direct);
        write(file, 0, 20, 1);
        file.sync();
        damage();
        write(file, 5, 5, 2);
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("data")
                .hasStackTraceContaining("EROFS (30)");
        assertThatThrownBy(() -> file.writeDirect(DirectFixture.memory(PAGE_BYTES), 0))
                .isInstanceOf(IOException.class);
        try (PageCursor c = file.cursor()) {
            assertThat(Stamps.read(c, 7)).isEqualTo(2);
            assertThat(Stamps.read(c, 19)).isEqualTo(1);
        }
        write(other, 0, 4, 3);
        other.sync();
        cache.verify();
        assertThatThrownBy(cache::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=5")
                .hasStackTraceContaining("EROFS (30)");
        checkSynced(direct);
    }

    private void checkSynced(boolean direct) throws Exception {
        unmount();
        mountAgain();
        assertThat(mounted).isTrue();
        try (PageCache cache = cache();
                PagedFile file = open(cache, direct);
                PageCursor c = file.cursor()) {
            for (int page = 0; page < 20; page++) {
                assertThat(Stamps.read(c, page)).isEqualTo(1);
            }
            write(file, 5, 5, 3);
            file.sync();
        }
    }
}
