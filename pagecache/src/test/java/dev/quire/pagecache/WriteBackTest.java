package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** From a released latch to durable bytes. */
class WriteBackTest extends CacheFixture {
    @Test
    void shouldKeepWhatIsWrittenDirtyUntilItIsSynced() throws Exception {
        write(0, 3, 10);
        assertThat(cache.stats().dirtyPages()).isEqualTo(3);
        assertThat(backing.writes).hasValue(0);
        write(1, 1, 20); // dirty already
        assertThat(cache.stats().dirtyPages()).isEqualTo(3);
        file.sync();
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(cache.stats().pagesWritten()).isEqualTo(3);
        assertThat(cache.stats().bytesWritten()).isEqualTo(3 * PAGE_BYTES);
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 10);
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 21);
        assertThat(backing.durable(2)[PAGE_BYTES - 8]).isEqualTo((byte) 12);
    }

    @Test
    void shouldWriteEveryPageOnceAndNeighboursTogether() throws Exception {
        write(0, 10, 0);
        write(15, 5, 0);
        write(510, 4, 0); // across two chunks
        file.sync();
        assertThat(backing.writes).hasValue(19);
        assertThat(backing.runs).hasValue(3);
        file.sync();
        assertThat(backing.writes).as("clean pages").hasValue(19);
        assertThat(backing.syncs).hasValue(2);
    }

    @Test
    void shouldWaitForALatchedPageAndWriteIt() throws Exception {
        write(0, 3, 0);
        try (PageCursor c = file.cursor()) {
            c.write(1);
            c.putLong(0, 77);
            Running<Boolean> sync = Running.run(file::sync).awaitAsleep();
            assertThat(sync.isDone()).isFalse();
            assertThat(backing.durable(0)[PAGE_BYTES - 8]).as("not yet synced").isZero();
            assertThat(backing.syncs).hasValue(0);
            c.putLong(8, 78);
            c.release();
            sync.get();
        }
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 77);
        assertThat(backing.durable(1)[8]).isEqualTo((byte) 78);
    }

    // No live-lock: the page is never at rest for long, and sync ends all the same.
    @Test
    void shouldEndAlthoughAWriterNeverRests() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            for (long i = 0; !done.get(); i++) {
                                write(i % 4, 1, i);
                            }
                        });
        for (int i = 0; i < 50; i++) {
            file.sync();
        }
        done.set(true);
        writer.get();
    }

    // No live-lock: pages that are appended while sync runs are not its business.
    @Test
    void shouldNotFollowAWriterThatAppends() throws Exception {
        write(0, 1, 0);
        write(2, 1, 0); // no neighbour: each is written as soon as the next one is met
        AtomicLong appended = new AtomicLong();
        backing.beforeWrite =
                page -> {
                    if (appended.incrementAndGet() < 5_000) {
                        write(page + 4, 1, 0); // one page written, one appended
                    }
                };
        file.sync();
        assertThat(appended.get()).isLessThan(50);
    }

    @Test
    void shouldHoldThePageStableWhileItIsWritten() throws Exception {
        write(0, 1, 5);
        CountDownLatch writing = gate();
        CountDownLatch go = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        assertThat(read(0)).as("readers go on").isEqualTo(5);
        try (PageCursor c = file.cursor()) {
            c.pin(0);
            assertThat(c.getLong(0)).isEqualTo(5);
            c.release();
            assertThat(c.tryWrite(0)).isFalse();
        }
        Running<Boolean> writer = Running.run(() -> write(0, 1, 6)).awaitAsleep();
        assertThat(writer.isDone()).isFalse();
        go.countDown();
        sync.get();
        writer.get();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 5);
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        file.sync();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 6);
    }

    /**
     * Another file's write-back may meet this page's frame through a stale slot: it takes the frame
     * under write-back for a moment, notices, and gives it back dirty. A sync that runs in that
     * moment must not take the page for clean.
     */
    @Test
    void shouldNotTakeAPageForCleanThatSomebodyHasUnderWriteBackByMistake() throws Exception {
        write(0, 1, 5);
        int frame = Slot.frame(slot(0));
        var frames = cache.context().frames();
        assertThat(frames.update(frame, FrameState::beginWriteback)).isNotEqualTo(-1);
        Running<Boolean> sync = Running.run(file::sync).awaitAsleep();
        long replaced = frames.replace(frame, FrameState::failWriteback);
        cache.context().waits().wake(frame, replaced);
        sync.get();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 5);
    }

    @Test
    void shouldRefuseToSyncOrTruncateWithALatchOfThisThread() throws Exception {
        write(0, 2, 0);
        try (PageCursor c = file.cursor()) {
            c.write(0);
            assertThatThrownBy(file::sync)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sync");
            assertThatThrownBy(() -> file.truncate(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("truncate");
            c.release();
        }
        file.sync();
    }

    @Test
    void shouldWriteOldPagesInTheBackground() throws IOException {
        MemoryBacking other = new MemoryBacking(PAGE_BYTES);
        PageCacheConfig config = config().dirtyAge(Duration.ofMillis(30)).build();
        try (PageCache aging = PageCache.create(config)) {
            PagedFile aged = aging.map("aged", other);
            write(aged, 0, 5, 1);
            Running.until("pages written", () -> other.written(4)[0] == 5);
            Running.until("pages clean", () -> aging.stats().dirtyPages() == 0);
            aging.verify();
        }
    }

    @Test
    void shouldWriteInTheBackgroundWhenMuchIsDirty() throws IOException {
        write(0, 40, 0); // of 64 frames: above the background limit, below the hard one
        Running.until("pages clean", () -> cache.stats().dirtyPages() < 26);
        Running.until("pages written", () -> backing.writes.get() >= 15);
    }

    @Test
    void shouldForgetAFileThatIsClosed() throws Exception {
        WeakReference<Object> space = spaceOfAClosedFile();
        Running.until(
                "closed file is collected",
                () -> {
                    write(0, 40, 0); // above the background limit: the flusher takes a turn
                    System.gc();
                    return space.refersTo(null);
                });
    }

    private WeakReference<Object> spaceOfAClosedFile() throws IOException {
        PagedFile other = cache.map("other", new MemoryBacking(PAGE_BYTES));
        long written = cache.stats().pagesWritten();
        write(other, 0, 40, 0);
        Running.until("flusher writes", () -> cache.stats().pagesWritten() > written);
        WeakReference<Object> space = new WeakReference<>(other.space());
        other.close();
        return space;
    }
}
