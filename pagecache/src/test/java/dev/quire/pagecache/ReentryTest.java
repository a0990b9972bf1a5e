package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.WouldBlockException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Callbacks that use the cache they are called by (S4.8): it works or is refused, and ends. */
class ReentryTest extends CacheFixture {
    private static final int PAGES = 100;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < PAGES; page++) {
            backing.put(page, (int) page + 1);
        }
        return config.stallMax(Duration.ofMillis(400));
    }

    private static long word(long page) {
        return (page + 1) * 0x0101_0101_0101_0101L;
    }

    /** Something a callback does. */
    interface Act {
        void run() throws Exception;
    }

    /** What a callback does, once, and what came of it. */
    private static final class Once {
        private final AtomicBoolean done = new AtomicBoolean();
        private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        private final Act act;

        Once(Act act) {
            this.act = act;
        }

        void run() {
            if (done.compareAndSet(false, true)) {
                try {
                    act.run();
                } catch (Throwable e) {
                    thrown.set(e);
                }
            }
        }

        void assertRefused() {
            assertThat(done).isTrue();
            assertThat(thrown.get()).isInstanceOf(WouldBlockException.class);
        }

        void assertWorked() {
            assertThat(done).isTrue();
            assertThat(thrown.get()).isNull();
        }
    }

    /** The callbacks of a page, each on the road on which it is called. */
    enum Callback {
        RELEASE_PAGE,
        FREE_PAGE_OF_RECLAIM,
        FREE_PAGE_OF_TRUNCATE,
        AFTER_READ
    }

    /** Has an act done inside a callback of page 50; its page 1 is cached meanwhile. */
    private Once inside(Callback callback, Act act) throws Exception {
        read(1);
        Once once = new Once(act);
        switch (callback) {
            case RELEASE_PAGE -> {
                read(50);
                backing.mayRelease =
                        page -> {
                            if (page == 50) {
                                once.run();
                            }
                            return page != 1;
                        };
                evictAll();
            }
            case FREE_PAGE_OF_RECLAIM -> {
                read(50);
                backing.mayRelease = page -> page != 1;
                backing.onFree = page -> once.run();
                evictAll();
            }
            case FREE_PAGE_OF_TRUNCATE -> {
                read(50);
                backing.onFree = page -> once.run();
                file.truncate(50L * PAGE_BYTES);
            }
            case AFTER_READ -> {
                backing.onAfterRead =
                        page -> {
                            if (page == 50) {
                                once.run();
                            }
                        };
                read(50);
            }
        }
        backing.heal();
        return once;
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void shouldServeWhatDoesNotWait(Callback callback) throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        inside(
                        callback,
                        () -> {
                            assertThat(read(1)).isEqualTo(word(1));
                            try (PageCursor c = file.cursor()) {
                                c.pin(1);
                                c.release();
                                c.write(1);
                                c.putLong(0, 1);
                                c.putLong(PAGE_BYTES - 8, 1);
                                c.release();
                            }
                            file.prefetch(2, 3);
                            file.readAsync(4, (page, failure) -> told.countDown());
                            cache.stats();
                        })
                .assertWorked();
        assertThat(read(1)).isEqualTo(1);
        assertThat(read(4)).isEqualTo(word(4));
        Running.await(told); // until then a thread of the cache may look for a frame
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void shouldRefuseToCutInsideACallback(Callback callback) throws Exception {
        inside(callback, () -> file.truncate(0)).assertRefused();
        assertThat(read(1)).isEqualTo(word(1));
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void shouldRefuseToSyncInsideACallback(Callback callback) throws Exception {
        inside(callback, file::sync).assertRefused();
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void shouldRefuseToCloseInsideACallback(Callback callback) throws Exception {
        inside(callback, file::close).assertRefused();
        assertThat(read(1)).isEqualTo(word(1));
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void shouldRefuseToCloseTheCacheInsideACallback(Callback callback) throws Exception {
        inside(callback, () -> cache.close()).assertRefused();
        assertThat(read(1)).isEqualTo(word(1));
    }

    /** Growth inside a truncate would be cut off with the rest. */
    @Test
    void shouldRefuseToGrowTheFileThatIsBeingCut() throws Exception {
        inside(Callback.FREE_PAGE_OF_TRUNCATE, file::append).assertRefused();
        assertThat(file.sizePages()).isEqualTo(50);
    }

    @Test
    void shouldGrowInsideACallbackWhileNobodyCuts() throws Exception {
        inside(Callback.AFTER_READ, file::append).assertWorked();
        assertThat(file.sizePages()).isEqualTo(PAGES + 1);
    }

    /** A page that is being read is waited for by others, not by the one who reads it. */
    @Test
    void shouldRefuseToWaitForThePageThatIsBeingRead() {
        backing.beforeRead =
                page -> {
                    if (page == 50) {
                        read(50);
                    }
                };
        assertThatThrownBy(() -> read(50))
                .isInstanceOf(WouldBlockException.class)
                .hasMessageContaining("readPage(50)");
        assertThat(cached(50)).isFalse();
        backing.heal();
        backing.onAfterRead = page -> read(50);
        assertThatThrownBy(() -> read(50))
                .isInstanceOf(PageReadException.class)
                .hasRootCauseInstanceOf(WouldBlockException.class);
        backing.heal();
        assertThat(read(50)).isEqualTo(word(50));
    }

    /** A store made of another cached file may read that, and wait for it. */
    @Test
    void shouldLetAStoreReadAnotherFileOfTheCache() throws Exception {
        MemoryBacking upper = new MemoryBacking(PAGE_BYTES);
        upper.put(9, 1);
        upper.beforeRead = page -> read(page + 20);
        try (PagedFile layered = cache.map("layered", upper)) {
            CountDownLatch go = gate();
            backing.beforeRead = page -> Running.await(go);
            Running<Long> below = Running.start(() -> read(29)).awaitAsleep();
            Running<Long> above = Running.start(() -> read(layered, 9)).awaitAsleep();
            go.countDown();
            assertThat(below.get()).isEqualTo(word(29));
            assertThat(above.get()).isEqualTo(0x0101_0101_0101_0101L);
        }
    }

    // ---- a store that writes, syncs or changes its size

    /** What a store does for its file while others may wait for pages of it. */
    enum StoreCall {
        WRITE_PAGES,
        SYNC,
        TRUNCATE,
        PUNCH_HOLE,
        SIZE_BYTES
    }

    /** Has an act done inside a call of the store; page 1 is dirty before. */
    private Once inside(StoreCall call, Act act) throws Exception {
        write(1, 1, 6);
        Once once = new Once(act);
        Running.Work road = file::sync;
        switch (call) {
            case WRITE_PAGES -> backing.beforeWrite = page -> once.run();
            case SYNC -> backing.beforeSync = page -> once.run();
            case SIZE_BYTES -> backing.beforeSize = page -> once.run();
            case TRUNCATE -> {
                backing.beforeTruncate = size -> once.run();
                road = () -> file.truncate(50L * PAGE_BYTES);
            }
            case PUNCH_HOLE -> {
                backing.beforePunch = position -> once.run();
                road = () -> file.punchHole(50L * PAGE_BYTES, PAGE_BYTES);
            }
        }
        Running.run(road).get();
        backing.heal();
        assertThat(read(1)).isEqualTo(7);
        return once;
    }

    @ParameterizedTest
    @EnumSource(StoreCall.class)
    void shouldRefuseToSyncInsideACallOfTheStore(StoreCall call) throws Exception {
        inside(call, file::sync).assertRefused();
        inside(call, () -> file.syncRange(1, 1)).assertRefused();
        inside(call, () -> file.flush(1, 1)).assertRefused();
    }

    @ParameterizedTest
    @EnumSource(StoreCall.class)
    void shouldRefuseToCutInsideACallOfTheStore(StoreCall call) throws Exception {
        inside(call, () -> file.truncate(0)).assertRefused();
        inside(call, () -> file.punchHole(0, PAGE_BYTES)).assertRefused();
    }

    @ParameterizedTest
    @EnumSource(StoreCall.class)
    void shouldRefuseToCloseInsideACallOfTheStore(StoreCall call) throws Exception {
        inside(call, file::close).assertRefused();
        inside(call, () -> cache.close()).assertRefused();
    }

    @Test
    void shouldRefuseToWaitForAPageThatIsBeingStored() throws Exception {
        inside(StoreCall.WRITE_PAGES, () -> write(1, 1, 0)).assertRefused();
    }

    /** A store made of another cached file. */
    @ParameterizedTest
    @EnumSource(StoreCall.class)
    void shouldServeAnotherFileInsideACallOfTheStore(StoreCall call) throws Exception {
        MemoryBacking lower = new MemoryBacking(PAGE_BYTES);
        try (PagedFile below = cache.map("below", lower)) {
            inside(
                            call,
                            () -> {
                                write(below, 3, 1, 39);
                                below.sync();
                                below.truncate(PAGE_BYTES * 5L);
                            })
                    .assertWorked();
            assertThat(read(below, 3)).isEqualTo(42);
            assertThat(lower.durable(3)[0]).isEqualTo((byte) 42);
        }
    }

    // ---- at the dirty limit

    private static final int HARD = FRAMES * 80 / 100;

    /** The flusher, or who syncs, would wait for its own pass. */
    @Test
    void shouldRefuseAHookThatDirtiesAPageAtTheHardLimit() throws Exception {
        read(60);
        CountDownLatch full = gate();
        AtomicBoolean tried = new AtomicBoolean();
        Once once =
                new Once(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                tried.set(c.tryWrite(60));
                                c.write(60);
                            }
                        });
        CountDownLatch over = new CountDownLatch(1);
        backing.hooks =
                new PageHooks() {
                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        Running.await(full);
                        once.run();
                        over.countDown();
                        return GO;
                    }
                };
        write(0, HARD, 0);
        full.countDown();
        Running.await(over);
        once.assertRefused();
        assertThat(once.thrown.get()).hasMessageContaining("beforeWrite(");
        assertThat(tried).isFalse();
    }

    /** Else the pages above could never be written: nothing below is dirty that could make room. */
    @Test
    void shouldLetAStoreDirtyAnotherFileAtTheHardLimit() throws Exception {
        MemoryBacking lower = new MemoryBacking(PAGE_BYTES);
        try (PagedFile below = cache.map("below", lower)) {
            CountDownLatch full = gate();
            backing.beforeWrite =
                    page -> {
                        Running.await(full);
                        write(below, page % 8, 1, 5);
                    };
            write(0, HARD, 0);
            full.countDown();
            Running.run(file::sync).get();
            assertThat(cache.stats().writeErrors()).isZero();
        }
    }

    // ---- appends

    /** Who holds the lock of appends may wait for the page of this very hook. */
    @Test
    void shouldRefuseAHookThatWaitsForAnAppend() throws Exception {
        try (FileChannel append = file.channel(StandardOpenOption.APPEND)) {
            append.write(ByteBuffer.allocate(100));
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch go = gate();
            Once once =
                    new Once(
                            () -> {
                                asked.countDown();
                                Running.await(go);
                                append.write(ByteBuffer.allocate(10));
                            });
            backing.hooks =
                    new PageHooks() {
                        @Override
                        public long beforeWrite(long page, MemorySegment image, long lsn) {
                            once.run();
                            return GO;
                        }
                    };
            Running<Boolean> sync = Running.run(file::sync);
            Running.await(asked);
            Running<Integer> other =
                    Running.start(() -> append.write(ByteBuffer.allocate(10))).awaitAsleep();
            go.countDown();
            sync.get();
            other.get();
            once.assertRefused();
        }
    }

    /** A callback that hangs holds up its own page, and whoever waits for that; no others. */
    @Test
    void shouldGoOnWhileACallbackHangs() throws Exception {
        sweep(0, 40);
        CountDownLatch go = gate();
        CountDownLatch hangs = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        backing.mayRelease =
                page -> {
                    if (first.compareAndSet(true, false)) {
                        hangs.countDown();
                        Running.await(go);
                    }
                    return true;
                };
        Running<Boolean> reclaimer = Running.run(() -> sweep(40, 70));
        Running.await(hangs);
        for (int round = 0; round < 3; round++) {
            for (long page = 0; page < 20; page++) {
                assertThat(read(70 + page)).isEqualTo(word(70 + page));
            }
        }
        go.countDown();
        reclaimer.get();
    }
}
