package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.lru.HeldUpLists;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** How pages leave, by every road, and what their store is told (thread S4). */
class RemovalTest extends CacheFixture {
    private static final int PAGES = 40;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(299, 1);
        return config.stallMax(Duration.ofMillis(400));
    }

    /** Every road out of the cache; a page that moves to another frame does not leave it. */
    enum Road {
        RECLAIM,
        TAKEOVER,
        TRUNCATE,
        TRUNCATE_ONE_BY_ONE,
        PUNCH_HOLE,
        TRY_INVALIDATE,
        INVALIDATE,
        DIRECT_WRITE,
        DROP_BEHIND,
        CLOSE,
        DISCARD,
        FAILED_FILL,
        FAILED_ASYNC_FILL,
        FAILED_PREFETCH;

        boolean isFill() {
            return compareTo(FAILED_FILL) >= 0;
        }
    }

    private void leaveBy(Road road) throws Exception {
        switch (road) {
            case RECLAIM -> evictAll();
            case TAKEOVER -> {
                PagedFile other = cache.map("other", filler());
                try (HeldUpLists held = HeldUpLists.of(cache.context().lru())) {
                    for (long page = 0; backing.freedTotal() < PAGES; page++) {
                        read(other, page % (2 * FRAMES));
                        assertThat(page).as("with %s", held).isLessThan(100 * FRAMES);
                    }
                }
                other.close();
            }
            case TRUNCATE -> file.truncate(0);
            case TRUNCATE_ONE_BY_ONE -> {
                for (long page = PAGES - 1; page >= 0; page--) {
                    file.truncate(page * PAGE_BYTES);
                }
            }
            case PUNCH_HOLE -> file.punchHole(0, (long) PAGES * PAGE_BYTES);
            case TRY_INVALIDATE -> assertThat(file.tryInvalidate(0, PAGES)).isEqualTo(PAGES);
            case INVALIDATE -> assertThat(file.invalidate(0, PAGES)).isZero();
            case DIRECT_WRITE ->
                    file.writeDirect(DirectFixture.memory((long) PAGES * PAGE_BYTES), 0);
            case DROP_BEHIND -> {
                try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
                    for (long page = 0; page < PAGES; page++) {
                        c.read(page);
                    }
                }
            }
            case CLOSE -> file.close();
            case DISCARD -> {
                write(0, 2, 0);
                backing.beforeWrite = page -> fail();
                assertThatThrownBy(cache::close).isInstanceOf(IOException.class);
            }
            case FAILED_FILL, FAILED_ASYNC_FILL, FAILED_PREFETCH -> {
                file.truncate(0);
                file.truncate((long) PAGES * PAGE_BYTES);
                backing.freed.clear();
                failToFill(road);
            }
        }
    }

    private void failToFill(Road road) throws InterruptedException {
        backing.beforeRead = page -> fail();
        if (road == Road.FAILED_FILL) {
            for (long page = 0; page < PAGES; page++) {
                long wanted = page;
                assertThatThrownBy(() -> read(wanted)).isInstanceOf(RuntimeException.class);
            }
        } else if (road == Road.FAILED_ASYNC_FILL) {
            CountDownLatch failures = new CountDownLatch(PAGES);
            for (long page = 0; page < PAGES; page++) {
                file.readAsync(
                        page,
                        (told, failure) -> {
                            if (failure != null) {
                                failures.countDown();
                            }
                        });
            }
            Running.await(failures);
        } else {
            for (int page = 0; page < PAGES; page++) {
                int gone = page + 1;
                // Not many, and not while the memory of the slots goes back: what it would have to
                // wait for it leaves out.
                file.prefetch(page);
                Running.until("it has left", () -> backing.freedTotal() == gone);
                Running.until("and its slots", () -> file.space().translation().find(0) == null);
            }
        }
    }

    private static void fail() throws IOException {
        throw new IOException("on purpose");
    }

    // S4.1: exactly once, by each road; S4.2: lookups no longer find it; S4.3: nobody else has it.
    @ParameterizedTest
    @EnumSource(Road.class)
    void shouldCallFreePageOnceForEachPageThatLeaves(Road road) throws Exception {
        backing.onPunch = position -> true;
        sweep(0, PAGES);
        AtomicInteger wrong = new AtomicInteger();
        int[] frames = new int[PAGES];
        for (int page = 0; page < PAGES; page++) {
            frames[page] = Slot.frame(slot(page));
        }
        backing.onFree =
                page -> {
                    long word = cache.context().frames().word(frames[(int) page]);
                    boolean mine = road.isFill() || FrameState.any(word, FrameState.LOCKED);
                    if (cached(page) || !mine) {
                        wrong.incrementAndGet();
                    }
                };
        leaveBy(road);
        for (long page = 0; page < PAGES; page++) {
            assertThat(backing.freed(page)).as("page %s", page).isEqualTo(1);
        }
        assertThat(backing.freedTotal()).isEqualTo(PAGES);
        assertThat(wrong).hasValue(0);
        if (road != Road.DISCARD) {
            cache.verify();
        }
    }

    @Test
    void shouldCallFreePageAsOftenAsPagesCameIn() throws Exception {
        backing.mayRelease = page -> page % 7 != 0;
        Random random = new Random(4711);
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 3000; i++) {
                c.read(random.nextInt(300));
                if (i % 500 == 499) {
                    file.truncate((100 + random.nextInt(200)) * (long) PAGE_BYTES);
                    file.truncate(300L * PAGE_BYTES);
                }
            }
        }
        file.close();
        assertThat(cache.stats().evictions()).isPositive();
        assertThat((long) backing.freedTotal()).isEqualTo(cache.stats().faults());
    }

    // S4.4: releasePage answers no: the page stays.
    @Test
    void shouldKeepPagesThatTheStoreDoesNotGiveUp() throws Exception {
        backing.mayRelease = page -> false;
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> sweep(0, 2 * FRAMES)).isInstanceOf(OutOfFramesException.class);
            long cachedPages = cache.stats().cachedPages();
            assertThat(backing.freedTotal()).isZero();
            assertThat(cachedPages).isGreaterThan(FRAMES / 2);
            c.read(0);
            assertThat(backing.readsOf(0)).isEqualTo(1);
            backing.mayRelease = page -> true;
            sweep(0, 2 * FRAMES);
        }
    }

    // S4.4: they are a lot, and on probation: pages in use before go all the same.
    @Test
    void shouldFindWhatCanGoBehindPagesThatTheStoreKeeps() {
        backing.mayRelease = page -> page >= PAGES;
        sweep(0, PAGES);
        try (PageCursor c = file.cursor()) {
            for (long page = PAGES; page < 300; page++) {
                for (int uses = 0; uses < 4; uses++) {
                    c.read(page);
                }
            }
        }
        assertThat(backing.freed(0)).isZero();
        assertThat(cache.stats().evictions()).isPositive();
    }

    // S4.5: releasePage answers yes, and then somebody takes a reference: the page stays, usable.
    @Test
    void shouldKeepAPageThatIsPinnedAfterTheStoreGaveItUp() throws Exception {
        read(0);
        try (PageCursor pin = file.cursor()) {
            backing.mayRelease =
                    page -> {
                        if (page == 0 && pin.page() != 0) {
                            pin.pin(0);
                        }
                        return true;
                    };
            evictAll();
            assertThat(pin.page()).isZero();
            assertThat(cached(0)).isTrue();
            assertThat(pin.detached()).isFalse();
            assertThat(backing.freed(0)).isZero();
            assertThat(backing.readsOf(0)).isEqualTo(1);
            read(0);
            cache.verify();
        }
    }

    // S4.10: dirtied between the look at DIRTY and the freeze: not lost.
    @Test
    void shouldKeepAPageThatIsDirtiedAfterTheStoreGaveItUp() throws Exception {
        read(0);
        AtomicInteger dirtied = new AtomicInteger();
        try (PageCursor c = file.cursor()) {
            backing.mayRelease =
                    page -> {
                        if (page == 0 && dirtied.getAndIncrement() == 0) {
                            c.write(0);
                            c.putLong(0, 99);
                            c.putLong(PAGE_BYTES - 8, 99);
                            c.release();
                        }
                        return true;
                    };
            evictAll();
        }
        assertThat(dirtied.get()).isPositive();
        assertThat(read(0)).isEqualTo(99);
    }

    // S4.10 as a race: writers dirty and put while the page is being reclaimed.
    @Test
    void shouldNotLoseAWriteThatRacesWithReclaim() throws Exception {
        List<Running<Boolean>> threads =
                List.of(
                        Running.run(() -> countUp(0)),
                        Running.run(() -> countUp(1)),
                        Running.run(() -> sweep(0, 300)),
                        Running.run(
                                () -> {
                                    for (int i = 0; i < 200; i++) {
                                        file.sync();
                                    }
                                }));
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        assertThat(cache.stats().evictions()).isPositive();
    }

    private void countUp(int parity) {
        long[] values = new long[300];
        Random random = new Random(parity);
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 8000; i++) {
                int page = random.nextInt(150) * 2 + parity;
                if (page == 299) {
                    continue;
                }
                c.write(page);
                assertThat(c.getLong(0)).as("page %s", page).isEqualTo(values[page]);
                c.putLong(0, ++values[page]);
                c.release();
            }
        }
    }

    // S4.1: a store is closed by its owner once the file is; it hears of no page after that.
    @Test
    void shouldNotCloseBeforeTheStoreWasToldOfEveryPage() throws Exception {
        sweep(0, PAGES);
        CountDownLatch go = gate();
        CountDownLatch leaving = new CountDownLatch(1);
        backing.onFree =
                page -> {
                    leaving.countDown();
                    Running.await(go);
                };
        Running<Boolean> reclaim = Running.run(this::evictAll);
        Running.await(leaving);
        Running<Boolean> close = Running.run(file::close).awaitAsleep();
        assertThat(close.isDone()).isFalse();
        go.countDown();
        close.get();
        long told = backing.freedTotal();
        reclaim.get();
        assertThat(backing.freedTotal()).isEqualTo(told).isEqualTo(PAGES);
    }

    // S4.8: what a callback throws is contained and counted; the removal completes.
    @Test
    void shouldCompleteTheRemovalWhenACallbackThrows() throws Exception {
        sweep(0, PAGES);
        backing.onFree =
                page -> {
                    if (page % 2 == 0) {
                        throw new IllegalStateException("on purpose");
                    }
                    throw new StackOverflowError("on purpose");
                };
        file.truncate(20L * PAGE_BYTES);
        evictAll();
        assertThat(cache.stats().callbackErrors()).isEqualTo(PAGES);
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(cache.stats().freeFrames()).isEqualTo(FRAMES);
        backing.beforeRead = page -> fail();
        assertThatThrownBy(() -> read(0)).hasMessageContaining("page=0");
        assertThat(cache.stats().freeFrames()).isEqualTo(FRAMES);
    }

    // S4.8
    @Test
    void shouldKeepThePageWhenReleasePageThrows() {
        backing.mayRelease =
                page -> {
                    if (page == 0) {
                        throw new AssertionError("on purpose");
                    }
                    throw new IllegalStateException("on purpose");
                };
        assertThatThrownBy(() -> sweep(0, 2 * FRAMES)).isInstanceOf(OutOfFramesException.class);
        assertThat(cache.stats().callbackErrors()).isPositive();
        assertThat(backing.freedTotal()).isZero();
        cache.verify();
    }

    // S0.6: a page under write-back has no reference of its own: skipped by reclaim, waited for by
    // truncate, never freed.
    @Test
    void shouldNotFreeAPageThatIsBeingWritten() throws Exception {
        write(0, 1, 70);
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        sweep(1, 300);
        assertThat(cached(0)).isTrue();
        assertThat(read(0)).isEqualTo(70);
        Running<Boolean> truncate = Running.run(() -> file.truncate(0)).awaitAsleep();
        assertThat(truncate.isDone()).isFalse();
        assertThat(backing.freed(0)).isZero();
        go.countDown();
        truncate.get();
        sync.get();
        assertThat(backing.freed(0)).isEqualTo(1);
    }

    // S1.4, S1.8, S1.9: whoever drops the last reference frees the frame, once, whatever reclaim,
    // truncate and the wake-ups do at the same time. The fixture counts the frames afterwards.
    @Test
    void shouldFreeEveryFrameOnceWhenReclaimTruncateAndPinsRace() throws Exception {
        List<Running<Boolean>> threads =
                List.of(
                        Running.run(() -> pinOrMiss(1)),
                        Running.run(() -> pinOrMiss(2)),
                        Running.run(
                                () -> {
                                    for (int i = 0; i < 400; i++) {
                                        file.truncate((i % 300) * (long) PAGE_BYTES);
                                        file.truncate(300L * PAGE_BYTES);
                                    }
                                }));
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        cache.context().allocator().drainDeferred();
        cache.verify();
        Running.until(
                "reclaim has given back what it holds",
                () -> cache.stats().freeFrames() + cache.stats().cachedPages() == FRAMES);
    }

    private void pinOrMiss(long seed) {
        Random random = new Random(seed);
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 20_000; i++) {
                try {
                    c.pin(random.nextInt(300));
                    c.getLong(0);
                    c.release();
                } catch (IndexOutOfBoundsException e) {
                    assertThat(e).hasMessageContaining("page must be below");
                }
            }
        }
    }
}
