package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.SnapshotLostException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.stream.Stream;

/** Where old images go when there are many, and what becomes of a snapshot that has no place. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SnapshotLostTest {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;

    /** More than fit into the memory for images: a quarter of the frames and 1 MiB. */
    private static final int PAGES = 600;

    @TempDir Path directory;
    @TempDir Path spills;

    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);

    @SuppressWarnings("NullAway.Init") // before each test
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // before each test
    private PagedFile file;

    private void open(SnapshotLimits limits) throws IOException {
        cache =
                PageCache.create(
                        CacheFixture.config().dirtyPercent(20, 60).snapshots(limits).build());
        file = cache.map("store", backing);
        write(100);
    }

    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void close() throws IOException {
        backing.heal();
        cache.verify();
        file.close();
        CacheFixture.awaitAllFree(cache);
        cache.close();
    }

    private void write(long stamp) {
        write(0, stamp);
    }

    private void write(long from, long stamp) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < PAGES; page++) {
                c.write(page);
                c.putLong(0, page + stamp);
                c.release();
            }
        }
    }

    /** As fast as they can be spilled. */
    private void writeSlowly(long stamp) {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                c.write(page);
                c.putLong(0, page + stamp);
                c.release();
                if (page % 64 == 0) {
                    cache.context().images().spill();
                }
            }
        }
    }

    private static void assertPages(FileSnapshot of, long stamp) {
        try (SnapshotCursor c = of.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                c.read(page);
                assertThat(c.getLong(0)).as("page %s", page).isEqualTo(page + stamp);
            }
        }
    }

    private static void assertLost(FileSnapshot snapshot, Class<? extends Throwable> why) {
        assertThatThrownBy(snapshot::cursor)
                .isInstanceOf(SnapshotLostException.class)
                .hasMessageContaining("file=store")
                .hasRootCauseInstanceOf(why);
    }

    @Test
    void shouldSpillWhatMemoryIsTooSmallFor() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, spills));
        try (FileSnapshot snapshot = file.snapshot()) {
            writeSlowly(200);
            assertPages(snapshot, 100);
            try (Stream<Path> left = Files.list(spills)) {
                assertThat(left).as("files without a name").isEmpty();
            }
            writeSlowly(300);
            assertPages(snapshot, 100);
        }
    }

    @Test
    void shouldSpillBesideTheFile() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, null));
        Path path = directory.resolve("data");
        PagedFile mapped = file;
        mapped.close();
        file = cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        write(100);
        try (FileSnapshot snapshot = file.snapshot()) {
            writeSlowly(200);
            assertPages(snapshot, 100);
            assertThat(directory.toFile().list()).containsExactly("data");
        }
    }

    @Test
    void shouldKeepWhatACutTakesHoweverLittleMemoryThereIs() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, spills));
        try (FileSnapshot snapshot = file.snapshot()) {
            file.truncate(0);
            assertPages(snapshot, 100);
        }
    }

    @Test
    void shouldKeepZerosWithoutMemory() throws Exception {
        open(new SnapshotLimits(0, Long.MAX_VALUE, Duration.ZERO, spills));
        try (PageCursor c = file.cursor()) {
            c.write(3 * PAGES - 1); // what lies between is a hole
        }
        byte[] zeros = new byte[PAGE_BYTES];
        try (FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            file.truncate((long) PAGES * PAGE_BYTES);
            for (long page = PAGES; page < 3 * PAGES; page++) {
                c.read(page);
                assertThat(c.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(zeros);
            }
            write(200);
            assertThatThrownBy(() -> c.read(0)).isInstanceOf(SnapshotLostException.class);
        }
    }

    @Test
    void shouldBeLostAtTheFirstWriteWithoutMemory() throws Exception {
        open(new SnapshotLimits(0, Long.MAX_VALUE, Duration.ZERO, spills));
        FileSnapshot snapshot = file.snapshot();
        try (SnapshotCursor c = snapshot.cursor();
                FileChannel channel = snapshot.channel()) {
            c.read(3);
            write(200); // writers do not notice
            assertThatThrownBy(() -> c.read(3))
                    .isInstanceOf(SnapshotLostException.class)
                    .hasMessageContaining("file=store")
                    .hasMessageContaining("page=0")
                    .hasMessageContaining("framesMax=0");
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(SnapshotLostException.class);
            assertThatThrownBy(snapshot::channel).isInstanceOf(SnapshotLostException.class);
        }
        snapshot.close();
        file.snapshot().close();
    }

    @Test
    void shouldBeLostWhenThereIsNoDirectoryToSpillTo() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, null));
        try (FileSnapshot snapshot = file.snapshot()) {
            write(200);
            assertLost(snapshot, IOException.class);
            assertThatThrownBy(snapshot::cursor)
                    .hasStackTraceContaining("configure a spillDirectory");
        }
    }

    @Test
    void shouldBeLostWhenTheDirectoryIsNotThere() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, spills.resolve("nowhere")));
        try (FileSnapshot snapshot = file.snapshot()) {
            write(200);
            assertLost(snapshot, NoSuchFileException.class);
        }
    }

    @Test
    void shouldBeLostWhenTheFileMayNotGrow() throws Exception {
        open(new SnapshotLimits(25, 100L * PAGE_BYTES, Duration.ZERO, spills));
        try (FileSnapshot snapshot = file.snapshot()) {
            writeSlowly(200);
            assertLost(snapshot, IOException.class);
            assertThatThrownBy(snapshot::cursor)
                    .hasStackTraceContaining("bytesMax=" + 100 * PAGE_BYTES);
        }
    }

    @Test
    void shouldMakeWritersWaitThatMay() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ofSeconds(20), spills));
        try (FileSnapshot snapshot = file.snapshot()) {
            write(200);
            assertPages(snapshot, 100);
            write(300);
            assertPages(snapshot, 100);
        }
    }

    @Test
    void shouldMakeNobodyWaitWhoHoldsALatch() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ofDays(1), spills));
        try (FileSnapshot snapshot = file.snapshot();
                PageCursor latched = file.cursor()) {
            latched.write(0);
            write(1, 200); // as fast as it can
            latched.release();
            assertThat(snapshot.sizePages()).isEqualTo(PAGES);
        }
    }

    @Test
    void shouldMakeNobodyWaitForASpillThatFailed() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ofDays(1), null));
        try (FileSnapshot snapshot = file.snapshot()) {
            write(200);
            assertLost(snapshot, IOException.class);
        }
    }

    /** A page that cannot be read cannot be kept; who replaces it does not want to read it. */
    @Test
    void shouldBeLostRatherThanFailAWriterWhoReplacesABadPage() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, spills));
        file.sync();
        file.invalidate(0, PAGES);
        try (FileSnapshot snapshot = file.snapshot()) {
            backing.beforeRead =
                    page -> {
                        throw new IOException("EIO");
                    };
            try (PageCursor c = file.cursor()) {
                c.create(5);
                c.release();
            }
            backing.heal();
            assertLost(snapshot, IOException.class);
            assertThatThrownBy(snapshot::cursor)
                    .hasStackTraceContaining(PageReadException.class.getName());
        }
    }

    @Test
    void shouldLoseAllThatWouldHaveLookedForThePageAndNoOthers() throws Exception {
        open(new SnapshotLimits(25, Long.MAX_VALUE, Duration.ZERO, null));
        FileSnapshot has = file.snapshot();
        try (PageCursor c = file.cursor()) {
            c.write(PAGES - 1);
            c.putLong(0, 7);
            c.release();
        }
        FileSnapshot hasNot = file.snapshot();
        FileSnapshot newest = file.snapshot();
        backing.beforeRead =
                page -> {
                    throw new IOException("EIO");
                };
        file.sync();
        file.tryInvalidate(PAGES - 1, 1);
        try (PageCursor c = file.cursor()) {
            c.create(PAGES - 1);
            c.release();
        }
        backing.heal();
        assertLost(newest, IOException.class);
        assertLost(hasNot, IOException.class);
        try (SnapshotCursor c = has.cursor()) {
            c.read(PAGES - 1);
            assertThat(c.getLong(0)).isEqualTo(PAGES - 1 + 100);
            try (PageCursor w = file.cursor()) {
                w.write(3);
                w.putLong(0, 8);
                w.release();
            }
            c.read(3);
            assertThat(c.getLong(0)).as("is kept on").isEqualTo(103);
        }
        newest.close();
        has.close();
        hasNot.close();
    }

    @Test
    void shouldGiveItsMemoryBackWhenItIsLostAndNotOnlyWhenItIsClosed() throws Exception {
        open(new SnapshotLimits(25, 0, Duration.ZERO, spills));
        try (FileSnapshot lost = file.snapshot()) {
            writeSlowly(200);
            assertLost(lost, IOException.class);
            CacheFixture.awaitAllFree(cache);
            try (FileSnapshot next = file.snapshot();
                    PageCursor c = file.cursor()) {
                for (int page = 0; page < 100; page++) { // there is room for it
                    c.write(page);
                    c.putLong(0, 7);
                    c.release();
                }
                assertPages(next, 200);
            }
        }
    }

    /** Found by the simulation: all frames of the smaller cache held old images. */
    @ParameterizedTest(name = "spilled: {0}")
    @ValueSource(booleans = {true, false})
    void shouldLeaveThePagesTheirPartWhenTheCacheBecomesSmaller(boolean spilled) throws Exception {
        cache =
                PageCache.create(
                        CacheFixture.config()
                                .memoryBytes(16L * CacheFixture.FRAMES * PAGE_BYTES)
                                .dirtyPercent(5, 10)
                                .snapshots(
                                        new SnapshotLimits(
                                                50,
                                                spilled ? Long.MAX_VALUE : 0,
                                                Duration.ZERO,
                                                spills))
                                .build());
        file = cache.map("store", backing);
        write(100);
        try (FileSnapshot snapshot = file.snapshot()) {
            try (PageCursor c = file.cursor()) { // nothing is short yet
                for (int page = 0; page < CacheFixture.FRAMES; page++) {
                    c.write(page);
                    c.putLong(0, page + 200);
                    c.release();
                }
            }
            cache.resize((long) CacheFixture.FRAMES * PAGE_BYTES);
            CacheFixture.awaitAllFree(cache, CacheFixture.FRAMES / 2);
            if (spilled) {
                assertPages(snapshot, 100);
            } else {
                assertLost(snapshot, IOException.class);
            }
        }
    }

    @Test
    void shouldRefuseLimitsThatCannotBe() {
        cache = PageCache.create(CacheFixture.config().build());
        file = openQuietly();
        assertThatThrownBy(() -> new SnapshotLimits(51, 0, Duration.ZERO, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0..50 percent: memoryPercent=51");
        assertThatThrownBy(() -> new SnapshotLimits(-1, 0, Duration.ZERO, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SnapshotLimits(1, 1, Duration.ofSeconds(-1), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("writersWaitMax=PT-1S");
        assertThatThrownBy(() -> new SnapshotLimits(1, -1, Duration.ZERO, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spillBytesMax=-1");
    }

    private PagedFile openQuietly() {
        try {
            return cache.map("store", backing);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
