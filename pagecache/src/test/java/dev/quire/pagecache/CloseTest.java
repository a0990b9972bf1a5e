package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.writeback.DirtyLimits;
import dev.quire.pagecache.writeback.Writeback;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The end of files and caches: everything is durable, or somebody was told. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CloseTest {
    private static final int PAGE_BYTES = 4096;

    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private final PageCache cache =
            PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes(64 * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .dirtyAge(Duration.ofHours(1))
                            .build());

    /** The threads of caches that live. */
    static List<String> quireThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("quire-"))
                .sorted()
                .toList();
    }

    private static void fail() throws IOException {
        throw new IOException("gone");
    }

    private void write(PagedFile file, long page, long value) {
        try (PageCursor c = file.cursor()) {
            c.write(page);
            c.putLong(0, value);
            c.release();
        }
    }

    private void assertAllFreeAndNobodyLeft() {
        assertThat(cache.context().allocator().freeFrames()).isEqualTo(64);
        assertThat(cache.context().counters().cachedPages).hasValue(0);
        assertThat(cache.context().counters().dirtyPages).hasValue(0);
        Running.until("threads ended: " + quireThreads(), () -> quireThreads().isEmpty());
    }

    /** Or it could neither be used nor be opened again, with pages that are nowhere durable. */
    @Test
    void shouldStayOpenWhenThereIsNoHeapToCloseItWith() throws Exception {
        PagedFile file = cache.map("file", backing);
        write(file, 3, 7);
        AddressSpace space = file.space();
        assertThatThrownBy(
                        () ->
                                cache.context()
                                        .truncation()
                                        .close(
                                                space,
                                                s -> {
                                                    throw new OutOfMemoryError("no heap");
                                                }))
                .isInstanceOf(OutOfMemoryError.class);
        write(file, 3, 8);
        file.close();
        assertThat(backing.durable(3)[0]).isEqualTo((byte) 8);
        cache.close();
    }

    @Test
    void shouldMakeEveryFileDurableAndLeaveNothingBehind() throws Exception {
        MemoryBacking second = new MemoryBacking(PAGE_BYTES);
        assertThat(quireThreads()).contains("quire-flusher", "quire-reclaimer");
        write(cache.map("one", backing), 3, 7);
        write(cache.map("two", second), 5, 8);
        cache.close();
        assertThat(backing.durable(3)[0]).isEqualTo((byte) 7);
        assertThat(second.durable(5)[0]).isEqualTo((byte) 8);
        assertThat(backing.closes).hasValue(1);
        assertAllFreeAndNobodyLeft();
        cache.close();
        assertThat(backing.closes).hasValue(1);
    }

    @Test
    void shouldRefuseEverythingAfterwards() throws Exception {
        PagedFile file = cache.map("one", backing);
        write(file, 0, 1);
        PageCursor cursor = file.cursor();
        file.close();
        file.close();
        assertThatThrownBy(file::cursor).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::sync).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::append).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cursor.read(0)).isInstanceOf(IllegalStateException.class);
        cache.close();
        assertThatThrownBy(() -> cache.map("two", backing))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void shouldStayOpenWhenItCannotBeWrittenAndCloseLater() throws Exception {
        PagedFile file = cache.map("one", backing);
        write(file, 0, 1);
        backing.beforeWrite = page -> fail();
        assertThatThrownBy(file::close).isInstanceOf(WriteFailedException.class);
        assertThat(backing.closes).hasValue(0);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            assertThat(c.getLong(0)).isEqualTo(1);
        }
        backing.heal();
        file.close();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 1);
        cache.close();
        assertAllFreeAndNobodyLeft();
    }

    @Test
    void shouldSayHowManyPagesAreLostWhenAFileCannotBeWritten() throws Exception {
        MemoryBacking healthy = new MemoryBacking(PAGE_BYTES);
        PagedFile failing = cache.map("failing", backing);
        for (long page = 0; page < 3; page++) {
            write(failing, page, 1);
        }
        write(cache.map("healthy", healthy), 0, 2);
        backing.beforeWrite = page -> fail();
        assertThatThrownBy(cache::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("failing")
                .hasMessageContaining("pagesLost=3")
                .hasMessageContaining("gone");
        assertThat(healthy.durable(0)[0]).isEqualTo((byte) 2);
        assertThat(backing.closes).hasValue(1);
        assertAllFreeAndNobodyLeft();
        cache.close();
    }

    @Test
    void shouldReportAStoreWhoseLastSyncFails() throws Exception {
        write(cache.map("unsynced", backing), 0, 1);
        backing.beforeSync = page -> fail();
        assertThatThrownBy(cache::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("unsynced");
        assertThat(backing.closes).hasValue(1);
        assertAllFreeAndNobodyLeft();
    }

    @Test
    void shouldKeepWhatIsPinnedReadableUntilItsRelease() throws Exception {
        PagedFile file = cache.map("one", backing);
        write(file, 1, 17);
        PageCursor pinned = file.cursor();
        pinned.pin(1);
        file.close();
        assertThat(pinned.detached()).isTrue();
        assertThat(pinned.getLong(0)).isEqualTo(17);
        assertThat(cache.stats().freeFrames()).isEqualTo(63);
        pinned.close();
        cache.verify();
        cache.close();
        assertAllFreeAndNobodyLeft();
    }

    @Test
    void shouldWaitForTheLatchesOfOtherThreads() throws Exception {
        PagedFile file = cache.map("one", backing);
        CountDownLatch latched = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                c.write(0);
                                latched.countDown();
                                Running.await(go);
                                c.putLong(0, 9);
                            }
                        });
        Running.await(latched);
        Running<Boolean> close = Running.run(cache::close).awaitAsleep();
        assertThat(close.isDone()).isFalse();
        go.countDown();
        writer.get();
        close.get();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 9);
        assertAllFreeAndNobodyLeft();
    }

    @Test
    void shouldRefuseToCloseWithALatchOfThisThreadAndStayOpen() throws Exception {
        PagedFile file = cache.map("one", backing);
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.putLong(0, 9);
            assertThatThrownBy(file::close).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(cache::close).isInstanceOf(IllegalStateException.class);
            c.release();
            c.write(1);
        }
        cache.close();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 9);
        assertAllFreeAndNobodyLeft();
    }

    /** Every write whose release returned is durable; every other one was refused. */
    @Test
    void shouldLoseNoWriteThatReturnedBeforeClose() throws Exception {
        for (int round = 0; round < 300; round++) {
            MemoryBacking store = new MemoryBacking(PAGE_BYTES);
            PagedFile file = cache.map("round " + round, store);
            AtomicLong written = new AtomicLong();
            Running<Boolean> writer =
                    Running.run(
                            () -> {
                                PageCursor c = file.cursor();
                                for (long value = 1; ; value++) {
                                    c.write(value % 3);
                                    c.putLong(0, value);
                                    c.release();
                                    written.set(value);
                                }
                            });
            Running.until("writes", () -> written.get() > 5);
            file.close();
            assertThatThrownBy(writer::get)
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
            for (long value = written.get(); value > written.get() - 3; value--) {
                byte[] bytes = store.durable(value % 3);
                long found = 0;
                for (int i = 7; i >= 0; i--) {
                    found = found << 8 | (bytes[i] & 0xFF);
                }
                assertThat(found).isEqualTo(value);
            }
            cache.verify();
        }
        cache.close();
        assertAllFreeAndNobodyLeft();
    }

    /** A sync may have asked whether the file is open long before it gets to the store. */
    @Test
    void shouldAskNothingOfAStoreThatIsClosed() throws Exception {
        PagedFile file = cache.map("closed.db", backing);
        write(file, 0, 1);
        AddressSpace space = file.space();
        file.close();
        backing.beforeSize = page -> fail();
        backing.beforeSync = page -> fail();
        DirtyLimits limits = new DirtyLimits(cache.context(), new Signal(1), 10, 20, 1);
        Writeback late = new Writeback(cache.context(), limits);
        assertThatThrownBy(() -> late.sync(space, new AtomicLong()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("file is closed: file=closed.db");
        assertThatThrownBy(() -> late.syncRange(space, 0, 1, new AtomicLong()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("file is closed");
        cache.close();
    }

    @Test
    void shouldCloseLaterWhenThereIsNoThreadToCloseItAtFirst() throws Exception {
        AtomicBoolean none = new AtomicBoolean();
        AtomicReference<String> closer = new AtomicReference<>();
        Threading threading =
                Threading.own()
                        .named("few-")
                        .threads(
                                task -> {
                                    if (none.getAndSet(false)) {
                                        throw new OutOfMemoryError("no thread");
                                    }
                                    Thread thread = new Thread(task);
                                    thread.setDaemon(true);
                                    return thread;
                                });
        PageCache other =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes(64 * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .threading(threading)
                                .build());
        write(other.map("one", backing), 0, 1);
        backing.beforeSync = page -> closer.set(Thread.currentThread().getName());
        none.set(true);
        assertThatThrownBy(other::close).isInstanceOf(OutOfMemoryError.class);
        other.close();
        assertThat(closer).hasValue("few-closer");
        assertThat(backing.closes).hasValue(1);
        cache.close();
    }
}
