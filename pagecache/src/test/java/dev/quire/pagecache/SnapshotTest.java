package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What a snapshot shows: the file as it was, whatever happens to it afterwards. */
class SnapshotTest extends CacheFixture {
    private static final int PAGES = 10;

    @TempDir Path directory;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.snapshots(new SnapshotLimits(40, Long.MAX_VALUE, Duration.ZERO, null));
    }

    private static long read(FileSnapshot from, long page) {
        try (SnapshotCursor c = from.cursor()) {
            c.read(page);
            assertThat(c.page()).isEqualTo(page);
            assertThat(c.getLong(PAGE_BYTES - 8)).as("end of %s", page).isEqualTo(c.getLong(0));
            return c.getLong(0);
        }
    }

    /** Every page begins and ends with its number plus a stamp. */
    private static void assertPages(FileSnapshot of, long pages, long stamp) {
        assertThat(of.sizePages()).isEqualTo(pages);
        for (long page = 0; page < pages; page++) {
            assertThat(read(of, page)).as("page %s", page).isEqualTo(page + stamp);
        }
    }

    private long freeFrames() {
        cache.context().allocator().drainDeferred();
        return cache.stats().freeFrames();
    }

    // ---- what is written afterwards

    @Test
    void shouldShowPagesAsTheyWere() {
        write(0, PAGES, 100);
        try (FileSnapshot snapshot = file.snapshot()) {
            assertPages(snapshot, PAGES, 100);
            write(0, PAGES, 200);
            write(PAGES, 3, 200);
            assertPages(snapshot, PAGES, 100);
            assertThat(snapshot.sizeBytes()).isEqualTo((long) PAGES * PAGE_BYTES);
            write(0, PAGES, 300);
            assertPages(snapshot, PAGES, 100);
            assertThat(read(4)).isEqualTo(304);
        }
    }

    @Test
    void shouldHoldWhatIsDirtyAndNotWrittenYet() throws Exception {
        write(0, PAGES, 100);
        assertThat(backing.writes).hasValue(0);
        try (FileSnapshot snapshot = file.snapshot()) {
            file.sync();
            evictAll();
            assertThat(cached(3)).isFalse();
            assertPages(snapshot, PAGES, 100);
            write(0, PAGES, 200);
            file.sync();
            evictAll();
            assertPages(snapshot, PAGES, 100);
        }
    }

    @Test
    void shouldDropThePagesThatItBroughtIn() throws Exception {
        write(0, PAGES, 100);
        file.sync();
        assertThat(file.invalidate(0, PAGES)).isZero();
        assertThat(read(7)).isEqualTo(107);
        try (FileSnapshot snapshot = file.snapshot()) {
            assertPages(snapshot, PAGES, 100);
            assertThat(cached(7)).as("used by others").isTrue();
            assertThat(cached(3)).isFalse();
        }
    }

    @Test
    void shouldDropThePagesThatWereReadAheadForIt() throws Exception {
        try (PagedFile of =
                cache.open(
                        directory.resolve("cold"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            write(of, 0, 40, 100);
            of.sync();
            assertThat(of.invalidate(0, 40)).isZero();
            of.readAheadBytes(8 * PAGE_BYTES);
            try (FileSnapshot snapshot = of.snapshot()) {
                try (SnapshotCursor c = snapshot.cursor()) {
                    for (int page = 0; page < 40; page++) {
                        c.read(page);
                        assertThat(c.getLong(0)).isEqualTo(page + 100);
                    }
                }
            }
            assertThat(cache.stats().prefetchedPages()).isGreaterThan(20);
            assertThat(cache.stats().cachedPages()).isLessThan(4);
        }
    }

    @Test
    void shouldKeepWhatIsReplacedWithoutBeingRead() throws Exception {
        write(0, PAGES, 100);
        file.sync();
        evictAll();
        try (FileSnapshot snapshot = file.snapshot();
                PageCursor c = file.cursor();
                FileChannel channel = file.channel()) {
            c.create(2);
            c.putLong(0, 9);
            c.release();
            channel.write(ByteBuffer.allocate(2 * PAGE_BYTES), 3L * PAGE_BYTES);
            assertPages(snapshot, PAGES, 100);
            file.sync();
            evictAll();
            assertPages(snapshot, PAGES, 100);
            assertThat(read(4)).isZero();
        }
    }

    @Test
    void shouldNotReadWhatIsReplacedWhenThereIsNoSnapshot() throws Exception {
        write(0, PAGES, 100);
        file.sync();
        evictAll();
        file.snapshot().close();
        int reads = backing.reads.get();
        try (PageCursor c = file.cursor()) {
            c.create(2);
            c.release();
        }
        assertThat(backing.reads).hasValue(reads);
    }

    @Test
    void shouldNotSeeWhatIsAppended() throws Exception {
        try (FileChannel channel = file.channel()) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            try (FileSnapshot snapshot = file.snapshot()) {
                channel.write(ByteBuffer.wrap(new byte[] {9, 9, 9, 9}), 2);
                file.append();
                file.truncate(7L * PAGE_BYTES);
                assertThat(snapshot.sizeBytes()).isEqualTo(3);
                try (SnapshotCursor c = snapshot.cursor()) {
                    c.read(0);
                    assertThat(c.getInt(0)).as("zero beyond the end").isEqualTo(0x00030201);
                    assertThatThrownBy(() -> c.read(1))
                            .isInstanceOf(IndexOutOfBoundsException.class)
                            .hasMessageContaining("below 1: page=1");
                }
            }
        }
    }

    @ParameterizedTest(name = "cached {0}")
    @ValueSource(booleans = {true, false})
    void shouldKeepWhatIsCut(boolean cached) throws Exception {
        write(0, PAGES, 100);
        if (!cached) {
            file.sync();
            evictAll();
        }
        try (FileSnapshot snapshot = file.snapshot()) {
            file.truncate(4L * PAGE_BYTES + 100); // page 4 loses its end
            file.truncate(2L * PAGE_BYTES);
            write(5, 2, 300);
            assertPages(snapshot, PAGES, 100);
            file.truncate(0);
            file.sync();
            assertPages(snapshot, PAGES, 100);
            write(0, PAGES + 5, 400);
            assertPages(snapshot, PAGES, 100);
        }
    }

    /** Of two, the newest goes while a cut keeps pages for it: the older one wants them then. */
    @ParameterizedTest(name = "an older one {0}")
    @ValueSource(booleans = {true, false})
    void shouldNotHoldUpACutWhenItIsClosedMeanwhile(boolean older) throws Exception {
        write(0, PAGES, 100);
        file.sync();
        assertThat(file.invalidate(0, PAGES)).isZero();
        FileSnapshot first = file.snapshot();
        FileSnapshot second = file.snapshot();
        if (!older) {
            first.close();
        }
        CountDownLatch reading = gate();
        CountDownLatch go = gate();
        backing.beforeRead =
                page -> {
                    if (page == 4) {
                        reading.countDown();
                        Running.await(go);
                    }
                };
        Running<Boolean> cut = Running.run(() -> file.truncate(0));
        Running.await(reading);
        second.close();
        go.countDown();
        cut.get();
        assertThat(file.sizeBytes()).isZero();
        if (older) {
            assertPages(first, PAGES, 100);
        }
        first.close();
    }

    @ParameterizedTest(name = "a store that punches {0}")
    @ValueSource(booleans = {true, false})
    void shouldKeepWhatIsPunchedOut(boolean punches) throws Exception {
        backing.onPunch = position -> punches;
        write(0, PAGES, 100);
        file.sync();
        write(0, 3, 150);
        sweep(0, 5);
        try (FileSnapshot snapshot = file.snapshot()) {
            file.punchHole(PAGE_BYTES / 2, 6L * PAGE_BYTES);
            assertThat(read(3)).isZero();
            for (long page = 0; page < PAGES; page++) {
                assertThat(read(snapshot, page)).isEqualTo(page + (page < 3 ? 150 : 100));
            }
        }
    }

    /** S3: the image is stable while it is written (SHARED_EXCLUSIVE), so that it may be read. */
    @Test
    void shouldReadAPageThatIsBeingWrittenBack() throws Exception {
        write(0, PAGES, 100);
        CountDownLatch writing = gate();
        CountDownLatch go = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        try (FileSnapshot snapshot = file.snapshot()) {
            assertPages(snapshot, PAGES, 100);
            Running<Boolean> writer = Running.run(() -> write(0, PAGES, 200));
            assertPages(snapshot, PAGES, 100);
            go.countDown();
            sync.get();
            writer.get();
            assertPages(snapshot, PAGES, 100);
        }
    }

    @Test
    void shouldNotChangeByAStamp() throws Exception {
        backing.hooks =
                new PageHooks() {
                    @Override
                    public boolean stampsPages() {
                        return true;
                    }

                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        image.set(ValueLayout.JAVA_LONG, 8, 77);
                        return GO;
                    }
                };
        PagedFile stamped = cache.map("stamped", backing);
        write(stamped, 0, PAGES, 100);
        try (FileSnapshot snapshot = stamped.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            c.read(3);
            assertThat(c.getLong(8)).isZero();
            stamped.sync();
            c.read(3);
            assertThat(c.getLong(8)).as("what it was, not what was stored").isZero();
            assertThat(c.getLong(0)).isEqualTo(103);
        }
        stamped.close();
    }

    @Test
    void shouldShowPagesAsHooksDecodeThem() throws Exception {
        write(0, PAGES, 100);
        file.sync();
        PagedFile plain = file;
        backing.hooks =
                new PageHooks() {
                    @Override
                    public void afterRead(long page, MemorySegment memory) {
                        memory.set(ValueLayout.JAVA_LONG, 8, -page);
                    }
                };
        evictAll();
        assertThat(plain.sizePages()).isEqualTo(PAGES);
        try (FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            c.read(3);
            assertThat(c.getLong(8)).isEqualTo(-3);
            try (PageCursor w = file.cursor()) {
                w.create(3);
                w.release();
            }
            c.read(3);
            assertThat(c.getLong(8)).as("kept as it is read").isEqualTo(-3);
        }
    }

    // ---- several

    @Test
    void shouldShowEachItsOwnMoment() {
        write(0, PAGES, 100);
        try (FileSnapshot first = file.snapshot()) {
            write(0, 3, 200);
            try (FileSnapshot second = file.snapshot()) {
                write(2, 4, 300);
                try (FileSnapshot third = file.snapshot()) {
                    write(0, PAGES, 400);
                    assertPages(first, PAGES, 100);
                    for (long page = 0; page < PAGES; page++) {
                        long then = page < 3 ? 200 : 100;
                        assertThat(read(second, page)).isEqualTo(page + then);
                        long later = page < 2 ? 200 : page < 6 ? 300 : 100;
                        assertThat(read(third, page)).isEqualTo(page + later);
                    }
                }
            }
        }
    }

    @ParameterizedTest(name = "closed in order {0}")
    @ValueSource(strings = {"012", "021", "102", "120", "201", "210"})
    void shouldGiveBackWhatNobodyNeedsInWhateverOrderTheyAreClosed(String order) {
        write(0, PAGES, 100);
        long before = freeFrames();
        List<FileSnapshot> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            open.add(file.snapshot());
            write(i, PAGES - i, 200 + 100 * i); // page 0 in the first only, 1 in the second too
        }
        assertThat(freeFrames()).isLessThan(before);
        for (int i = 0; i < order.length(); i++) {
            char which = order.charAt(i);
            open.get(which - '0').close();
            open.set(which - '0', null);
            write(0, PAGES, 700 + which);
            if (open.get(0) != null) {
                assertPages(open.get(0), PAGES, 100);
            }
            if (open.get(1) != null) {
                assertThat(read(open.get(1), 0)).isEqualTo(200);
                assertThat(read(open.get(1), 9)).isEqualTo(209);
            }
            if (open.get(2) != null) {
                assertThat(read(open.get(2), 0)).isEqualTo(200);
                assertThat(read(open.get(2), 1)).isEqualTo(301);
            }
        }
        Running.until("frames are given back", () -> freeFrames() == before);
    }

    @Test
    void shouldNotHoldTwiceWhatAnOlderOneHas() {
        write(0, PAGES, 100);
        try (FileSnapshot first = file.snapshot()) {
            write(0, PAGES, 200);
            long before = freeFrames();
            FileSnapshot second = file.snapshot();
            write(0, PAGES, 300);
            assertThat(freeFrames()).isEqualTo(before - PAGES);
            second.close();
            assertThat(freeFrames()).isEqualTo(before);
            write(0, PAGES, 400);
            assertThat(freeFrames()).as("nobody wants it").isEqualTo(before);
            assertPages(first, PAGES, 100);
        }
    }

    // ---- the moment

    @Test
    void shouldWaitForLatchesAndHoldWhatIsWrittenUnderThem() throws Exception {
        write(0, PAGES, 100);
        try (PageCursor c = file.cursor()) {
            c.write(3);
            Running<FileSnapshot> taking = Running.start(file::snapshot).awaitAsleep();
            assertThat(taking.isDone()).isFalse();
            c.putLong(0, 7);
            c.putLong(PAGE_BYTES - 8, 7);
            c.release();
            try (FileSnapshot snapshot = taking.get()) {
                write(3, 1, 500);
                assertThat(read(snapshot, 3)).isEqualTo(7);
            }
        }
    }

    @Test
    void shouldHoldAllThatIsWrittenUnderLatchesThatOverlap() throws Exception {
        write(0, PAGES, 100);
        try (PageCursor a = file.cursor();
                PageCursor b = file.cursor()) {
            a.write(3);
            Running<FileSnapshot> taking =
                    Running.start(file::snapshot).awaitInside("awaitLatches");
            for (int page = 4; page < 8; page++) { // goes on from latch to latch, meanwhile
                b.write(page);
                b.putLong(0, 7);
                b.putLong(PAGE_BYTES - 8, 7);
                b.release();
            }
            b.write(8);
            a.release();
            b.putLong(0, 7);
            b.putLong(PAGE_BYTES - 8, 7);
            assertThat(taking.isDone()).isFalse();
            b.release();
            try (FileSnapshot snapshot = taking.get()) {
                write(4, 5, 500);
                for (int page = 4; page < 9; page++) {
                    assertThat(read(snapshot, page)).isEqualTo(7);
                }
            }
        }
    }

    /**
     * Who holds a latch may wait for somebody who wants one: a snapshot must not get in between.
     */
    @Test
    void shouldLetWritersOnWhenALatchIsHeldForLong() throws Exception {
        write(0, PAGES, 100);
        Running<FileSnapshot> taking;
        try (PageCursor c = file.cursor()) {
            c.write(3);
            taking = Running.start(file::snapshot).awaitInside("awaitLatches");
            Running.run(() -> write(5, 3, 500)).get(); // the holder of page 3 waits for this
            assertThat(taking.isDone()).isFalse();
            c.release();
        }
        try (FileSnapshot snapshot = taking.get()) {
            assertThat(read(snapshot, 5)).isEqualTo(505);
        }
    }

    /** As above: the pauses in which writers get on are as long, and the interrupt is not lost. */
    @Test
    void shouldLetWritersOnWhenTheThreadThatTakesItIsInterrupted() throws Exception {
        write(0, PAGES, 100);
        Running<FileSnapshot> taking;
        try (PageCursor c = file.cursor()) {
            c.write(3);
            taking =
                    Running.start(
                            () -> {
                                Thread.currentThread().interrupt();
                                FileSnapshot snapshot = file.snapshot();
                                assertThat(Thread.interrupted()).isTrue();
                                return snapshot;
                            });
            taking.awaitInside("awaitLatches");
            Running.run(() -> write(5, 3, 500)).get(); // the holder of page 3 waits for this
            c.release();
        }
        try (FileSnapshot snapshot = taking.get()) {
            assertThat(read(snapshot, 5)).isEqualTo(505);
        }
    }

    @Test
    void shouldRefuseAThreadThatHoldsALatch() {
        write(0, PAGES, 100);
        try (PageCursor c = file.cursor()) {
            c.write(3);
            assertThatThrownBy(file::snapshot)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("snapshot waits for latches");
        }
    }

    // ---- errors, ends

    @Test
    void shouldReadAPageAgainThatCouldNotBeRead() throws Exception {
        write(0, PAGES, 100);
        file.sync();
        evictAll();
        try (FileSnapshot snapshot = file.snapshot()) {
            backing.beforeRead =
                    page -> {
                        throw new IOException("EIO");
                    };
            assertThatThrownBy(() -> read(snapshot, 3))
                    .isInstanceOf(PageReadException.class)
                    .hasMessageContaining("page=3");
            backing.heal();
            assertPages(snapshot, PAGES, 100);
        }
    }

    @Test
    void shouldReadWhatIsThereWhenTheFileIsFenced() throws Exception {
        write(0, PAGES, 100);
        file.sync();
        evictAll();
        sweep(0, 3);
        try (FileSnapshot snapshot = file.snapshot()) {
            write(4, 1, 200);
            backing.beforeSync =
                    page -> {
                        throw new IOException("on purpose");
                    };
            assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
            assertThat(read(snapshot, 2)).as("cached").isEqualTo(102);
            assertThat(read(snapshot, 4)).as("kept").isEqualTo(104);
            assertThatThrownBy(() -> read(snapshot, 7)).isInstanceOf(FileFencedException.class);
        }
    }

    @Test
    void shouldEndWithItsHandle() throws Exception {
        Path path = directory.resolve("data");
        PagedFile one = cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        PagedFile two = cache.open(path, StandardOpenOption.READ);
        write(one, 0, PAGES, 100);
        FileSnapshot ofOne = one.snapshot();
        try (FileSnapshot ofTwo = two.snapshot();
                SnapshotCursor c = ofOne.cursor();
                FileChannel channel = ofOne.channel()) {
            write(one, 0, PAGES, 200);
            one.close();
            assertThatThrownBy(() -> c.read(3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("snapshot is closed");
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(ofOne::cursor).isInstanceOf(IllegalStateException.class);
            assertPages(ofTwo, PAGES, 100);
            two.close();
            assertThatThrownBy(() -> read(ofTwo, 3)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(two::snapshot).isInstanceOf(IllegalStateException.class);
        }
        assertThatCode(ofOne::close).doesNotThrowAnyException();
    }

    // ---- cursor and channel

    @Test
    void shouldCopyAFileWhileItIsWritten() throws Exception {
        try (FileChannel channel = file.channel()) {
            ByteBuffer bytes = ByteBuffer.allocate(5 * PAGE_BYTES + 123);
            while (bytes.hasRemaining()) {
                bytes.put((byte) bytes.position());
            }
            channel.write(bytes.flip(), 0);
            try (FileSnapshot snapshot = file.snapshot();
                    FileChannel from = snapshot.channel();
                    FileChannel to =
                            FileChannel.open(
                                    directory.resolve("backup"),
                                    StandardOpenOption.CREATE_NEW,
                                    StandardOpenOption.READ,
                                    StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(8 * PAGE_BYTES), 77);
                assertThat(from.transferTo(0, Long.MAX_VALUE, to)).isEqualTo(from.size());
                ByteBuffer copy = ByteBuffer.allocate(6 * PAGE_BYTES);
                to.read(copy, 0);
                assertThat(copy.flip()).isEqualTo(bytes.rewind());
            }
        }
    }

    @Test
    @SuppressWarnings("try") // closed before the end
    void shouldBeAChannelThatCanOnlyBeRead() throws Exception {
        write(0, 2, 100);
        try (FileSnapshot snapshot = file.snapshot();
                FileChannel channel = snapshot.channel()) {
            ByteBuffer one = ByteBuffer.allocate(8);
            assertThat(channel.position(PAGE_BYTES - 4L).read(one)).isEqualTo(8);
            assertThat(channel.position()).isEqualTo(PAGE_BYTES + 4L);
            ByteBuffer[] two = {ByteBuffer.allocate(PAGE_BYTES), ByteBuffer.allocate(8)};
            assertThat(channel.read(two)).isEqualTo(PAGE_BYTES - 4L);
            assertThat(channel.read(two[1])).isEqualTo(-1);
            assertThat(channel.read(one.clear(), channel.size())).isEqualTo(-1);
            assertThatThrownBy(() -> channel.read(one, -1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> channel.write(one))
                    .isInstanceOf(java.nio.channels.NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.truncate(0))
                    .isInstanceOf(java.nio.channels.NonWritableChannelException.class);
            assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_ONLY, 0, 1))
                    .isInstanceOf(UnsupportedOperationException.class);
            channel.close();
            assertThatThrownBy(channel::size)
                    .isInstanceOf(java.nio.channels.ClosedChannelException.class);
            assertPages(snapshot, 2, 100);
        }
    }

    @Test
    void shouldEndTheReadsOfItsChannelsAlsoOfThePageThatWasReadLast() throws Exception {
        write(0, 2, 100);
        FileSnapshot snapshot = file.snapshot();
        try (FileChannel channel = snapshot.channel()) {
            ByteBuffer one = ByteBuffer.allocate(8);
            assertThat(channel.read(one, 0)).isEqualTo(8);
            snapshot.close();
            assertThatThrownBy(() -> channel.read(one.clear(), 8))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("snapshot is closed");
        }
    }

    @Test
    @SuppressWarnings("try") // closed before the end
    void shouldCheckWhatACursorIsAskedFor() {
        write(0, 2, 100);
        try (FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            assertThatThrownBy(() -> c.getLong(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("on no page");
            assertThatThrownBy(() -> c.read(-1)).isInstanceOf(IndexOutOfBoundsException.class);
            c.read(1);
            assertThat(c.getByte(0)).isEqualTo((byte) 101);
            assertThat(c.getShort(0)).isEqualTo((short) 101);
            assertThat(c.segment().isReadOnly()).isTrue();
            assertThatThrownBy(() -> c.getLong(PAGE_BYTES - 7))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            MemorySegment target = MemorySegment.ofArray(new byte[16]);
            c.copyTo(0, target, 8, 8);
            assertThat(target.get(ValueLayout.JAVA_BYTE, 8)).isEqualTo((byte) 101);
            c.close();
            assertThatThrownBy(() -> c.read(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cursor is closed");
        }
    }
}
