package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageReadException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Many pages brought in at once, while nobody waits. */
class PrefetchTest extends CacheFixture {
    /** Of 64 frames 16 may be on their way in. */
    private static final int FILLING_MAX = FRAMES / 4;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < 100; page++) {
            backing.put(page, (int) page + 1);
        }
        return config.stallMax(Duration.ofMillis(400));
    }

    private static long word(long page) {
        return (page + 1) * 0x0101_0101_0101_0101L;
    }

    @Test
    void shouldReadNeighboursTogetherAndInOrder() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        read(4);
        file.prefetch(5, 1, 3, 9, 2, 4, 3, 200);
        assertThat(reads.all).extracting(ReadsUnderWay.Read::firstPage).containsExactly(1L, 5L, 9L);
        assertThat(reads.all).extracting(ReadsUnderWay.Read::count).containsExactly(3, 1, 1);
        reads.finishAll();
        for (long page : new long[] {1, 2, 3, 4, 5, 9}) {
            Running.until("page is cached", () -> cached(page));
            assertThat(read(page)).isEqualTo(word(page));
            assertThat(backing.readsOf(page)).isEqualTo(1);
        }
        assertThat(cached(0)).isFalse();
    }

    @Test
    void shouldHaveManyReadsUnderWayInAStoreThatBlocks() {
        CountDownLatch go = gate();
        AtomicInteger inside = new AtomicInteger();
        backing.beforeRead =
                page -> {
                    inside.incrementAndGet();
                    Running.await(go);
                };
        file.prefetchRange(10, 8);
        Running.until("8 reads are under way", () -> inside.get() == 8);
        go.countDown();
        for (long page = 10; page < 18; page++) {
            assertThat(read(page)).isEqualTo(word(page));
            assertThat(backing.readsOf(page)).isEqualTo(1);
        }
    }

    @Test
    void shouldBeWaitedForByWhoWantsOneOfThePages() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(20, 4);
        Running<Long> reader = Running.start(() -> read(22)).awaitAsleep();
        assertThat(reader.isDone()).isFalse();
        reads.finishAll();
        assertThat(reader.get()).isEqualTo(word(22));
        assertThat(backing.readsOf(22)).isEqualTo(1);
    }

    /** The waiting rule: what another is at is left out, and never waited for. */
    @Test
    void shouldNotWaitForAPageThatSomebodyElseReads() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        Running<Long> reader = Running.start(() -> read(2)).awaitAsleep();
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(0, 5);
        assertThat(reads.all).extracting(ReadsUnderWay.Read::firstPage).containsExactly(0L, 3L);
        go.countDown();
        reads.finishAll();
        assertThat(reader.get()).isEqualTo(word(2));
    }

    @Test
    void shouldLeaveOutWhatLiesBeyondTheEnd() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(98, 50);
        file.prefetch(100, 1000, Long.MAX_VALUE);
        file.prefetchRange(Long.MAX_VALUE, 5);
        file.prefetchRange(5, 0);
        file.prefetch();
        assertThat(reads.all).extracting(ReadsUnderWay.Read::count).containsExactly(2);
        reads.finishAll();
    }

    @Test
    void shouldRefusePagesThatCannotBe() throws Exception {
        assertThatThrownBy(() -> file.prefetch(3, -1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("page must be at least 0: page=-1");
        assertThatThrownBy(() -> file.prefetchRange(-2, 1))
                .hasMessage("page must be at least 0: page=-2");
        assertThatThrownBy(() -> file.prefetchRange(0, -3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("count must be at least 0: count=-3");
        file.close();
        assertThatThrownBy(() -> file.prefetch(1)).hasMessageContaining("file is closed");
    }

    @Test
    void shouldTakeNoMoreThanItsPartOfTheFrames() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(0, 90);
        file.prefetchRange(50, 40);
        assertThat(cache.stats().cachedPages()).isEqualTo(FILLING_MAX);
        reads.finishAll();
        Running.until("all are in", () -> cache.context().counters().fillingPages.get() == 0);
        file.prefetchRange(0, 90);
        assertThat(cache.stats().cachedPages()).isEqualTo(2 * FILLING_MAX);
        reads.finish(reads.all.getLast());
    }

    @Test
    void shouldEndQuietlyWhenFramesAreShortAndLeaveTheReserve() throws Exception {
        file.truncate(2L * FRAMES * PAGE_BYTES);
        try (Pins pins = pinAll(file)) {
            pins.cursors().get(0).close();
            pins.cursors().get(1).close();
            long before = cache.stats().cachedPages();
            long free = cache.stats().freeFrames();
            ReadsUnderWay reads = new ReadsUnderWay(backing);
            file.prefetchRange(FRAMES, FRAMES);
            assertThat(cache.stats().cachedPages()).isLessThanOrEqualTo(before + free);
            assertThat(cache.stats().freeFrames()).as("the reserve").isPositive();
            reads.finishAll();
        }
    }

    /** A failed read is nobody's error; whoever wants the page tries for himself. */
    @Test
    void shouldLeaveAPageThatCouldNotBeReadUncachedAndRetryable() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(30, 3);
        Running<Long> reader = Running.start(() -> read(31)).awaitAsleep();
        reads.fail(reads.all.getFirst(), new IOException("cable pulled"));
        assertThat(reader.get()).isEqualTo(word(31));
        Running.until("30 has left", () -> !cached(30) && backing.freed(30) == 1);
        for (long page = 30; page < 33; page++) {
            assertThat(read(page)).isEqualTo(word(page));
        }
        assertThat(backing.freedTotal()).isEqualTo(3);
        assertThat(cache.stats().readErrors()).isEqualTo(3);
    }

    @Test
    void shouldLeaveNothingLockedWhenTheStoreThrows() {
        backing.onReadPages =
                (firstPage, pages, count, completion) -> {
                    throw new IllegalStateException("on purpose");
                };
        file.prefetchRange(0, 8);
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(backing.freedTotal()).isEqualTo(8);
        backing.heal();
        backing.beforeRead =
                page -> {
                    throw new IOException("on purpose");
                };
        file.prefetchRange(0, 8);
        Running.until("all have left", () -> backing.freedTotal() == 16);
        assertThatThrownBy(() -> read(3)).isInstanceOf(PageReadException.class);
        backing.heal();
        assertThat(read(3)).isEqualTo(word(3));
    }

    /** S4.8: a store that reports twice is told in the log, and changes nothing. */
    @Test
    void shouldSeeThroughASecondReport() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetch(7);
        reads.finish(reads.all.getFirst());
        Running.until("page 7 is in", () -> cached(7));
        assertThat(read(7)).isEqualTo(word(7));
        reads.all.getFirst().completion().complete(-1, new IOException("late"));
        assertThat(read(7)).isEqualTo(word(7));
        assertThat(cache.stats().callbackErrors()).isEqualTo(1);
    }

    @Test
    void shouldZeroWhatTheStoreDidNotFill() throws Exception {
        file.truncate(101L * PAGE_BYTES);
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(98, 3);
        reads.all.getFirst().pages().get(0).fill((byte) 7);
        reads.all.getFirst().pages().get(1).fill((byte) 7);
        reads.all.getFirst().pages().get(2).fill((byte) 7);
        reads.all.getFirst().completion().complete(PAGE_BYTES + 100, null);
        try (PageCursor c = file.cursor()) {
            c.pin(98);
            assertThat(c.getByte(PAGE_BYTES - 1)).isEqualTo((byte) 7);
            c.release();
            c.pin(99);
            assertThat(c.getByte(99)).isEqualTo((byte) 7);
            assertThat(c.getByte(100)).isZero();
            c.release();
            c.pin(100);
            assertThat(c.getByte(0)).isZero();
        }
    }

    @Test
    void shouldBeWaitedForByTruncateAndClose() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        file.prefetchRange(40, 4);
        Running<Boolean> truncate =
                Running.run(() -> file.truncate(41L * PAGE_BYTES)).awaitAsleep();
        assertThat(truncate.isDone()).isFalse();
        reads.finishAll();
        truncate.get();
        assertThat(cached(41)).isFalse();
        assertThat(read(40)).isEqualTo(word(40));
        file.prefetch(0);
        Running<Boolean> close = Running.run(file::close).awaitAsleep();
        assertThat(close.isDone()).isFalse();
        reads.finish(reads.all.getLast());
        close.get();
        assertThat(backing.freedTotal()).isEqualTo(5);
    }
}
