package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.WouldBlockException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
                            file.readAsync(4, (page, failure) -> {});
                            cache.stats();
                        })
                .assertWorked();
        assertThat(read(1)).isEqualTo(1);
        assertThat(read(4)).isEqualTo(word(4));
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
