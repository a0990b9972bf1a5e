package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** What a cache of 1024 frames reads ahead of who reads in order. */
class ReadAheadTest extends CacheFixture {
    private static final int MANY_FRAMES = 1024;
    private static final int WINDOW_MAX = 64;
    private static final int PAGES = 600;

    private final ExecutorService device = Executors.newSingleThreadExecutor();
    private final ReadsUnderWay ahead = new ReadsUnderWay(backing).endedBy(device);

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < PAGES; page++) {
            backing.put(page, (int) page + 1);
        }
        return config.memoryBytes((long) MANY_FRAMES * PAGE_BYTES)
                .readAheadBytes((long) WINDOW_MAX * PAGE_BYTES);
    }

    @AfterEach
    void endDevice() throws InterruptedException {
        device.shutdown();
        assertThat(device.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void readOne(PageCursor c, long page) {
        long value;
        do {
            c.read(page);
            value = c.getLong(PAGE_BYTES - 8);
        } while (c.retry());
        assertThat(value)
                .as("page %s", page)
                .isEqualTo(((page + 1) & 0xff) * 0x0101_0101_0101_0101L);
    }

    private void readAll(LongStream pages) {
        try (PageCursor c = file.cursor()) {
            pages.forEach(page -> readOne(c, page));
        }
    }

    /** Ends what was begun, so that what is cached can be said. */
    private void settle() {
        Running.until(
                "nothing is on its way in",
                () -> cache.context().counters().fillingPages.get() == 0);
    }

    private void checkEachReadOnce() {
        settle();
        for (long page = 0; page < PAGES; page++) {
            assertThat(backing.readsOf(page)).as("reads of page %s", page).isEqualTo(1);
        }
        assertThat(backing.readsOf(PAGES)).as("beyond the end").isZero();
    }

    private List<Integer> requests() {
        return ahead.all.stream().map(ReadsUnderWay.Read::count).toList();
    }

    // ---- streams

    @Test
    void shouldReadAScanInEverLargerRequestsEachPageOnce() {
        readAll(LongStream.range(0, PAGES));
        checkEachReadOnce();
        assertThat(requests()).startsWith(3, 8).contains(WINDOW_MAX);
        assertThat(requests()).hasSizeLessThan(20);
        assertThat(backing.reads.get() - requests().stream().mapToInt(r -> r).sum())
                .as("pages that the reader had to read himself")
                .isEqualTo(1);
        assertThat(cache.stats().prefetchedPages()).isEqualTo(PAGES - 1);
        assertThat(cache.stats().prefetchesWasted()).isZero();
    }

    @Test
    void shouldReadNoFurtherAheadThanAnEighthOfWhatTheCacheMayUse() {
        cache.resize(128L * PAGE_BYTES);
        try (PageCursor c = file.cursor(CursorHint.SEQUENTIAL)) {
            for (long page = 0; page < PAGES; page++) {
                readOne(c, page);
            }
        }
        // Some may be read twice: what just became small gives frames back meanwhile.
        settle();
        assertThat(requests()).isNotEmpty().allMatch(pages -> pages <= 128 / 8);
        file.prefetchRange(0, PAGES);
        assertThat(cache.context().counters().fillingPages.get()).isLessThanOrEqualTo(128 / 4);
        settle();
    }

    @Test
    void shouldReadAScanThatGoesBackward() {
        readAll(LongStream.range(0, PAGES).map(i -> PAGES - 1 - i));
        checkEachReadOnce();
        assertThat(requests()).contains(WINDOW_MAX).hasSizeLessThan(20);
        assertThat(ahead.all.getFirst().firstPage()).isEqualTo(PAGES - 5);
    }

    @Test
    void shouldKnowFourScansThatOneCursorReadsByTurns() {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < PAGES / 4; page++) {
                for (long stream = 0; stream < 4; stream++) {
                    readOne(c, stream * (PAGES / 4) + page);
                }
            }
        }
        checkInterleaved();
    }

    @Test
    void shouldKnowFourScansOfFourCursorsOneOfThemBackward() {
        List<PageCursor> cursors = LongStream.range(0, 4).mapToObj(i -> file.cursor()).toList();
        for (long page = 0; page < PAGES / 4; page++) {
            for (int stream = 0; stream < 4; stream++) {
                long at = stream == 3 ? PAGES / 4 - 1 - page : page;
                readOne(cursors.get(stream), stream * (PAGES / 4L) + at);
            }
        }
        cursors.forEach(PageCursor::close);
        checkInterleaved();
    }

    private void checkInterleaved() {
        checkEachReadOnce();
        assertThat(requests()).hasSizeLessThan(36);
        assertThat(requests().stream().mapToInt(r -> r).average().orElse(0)).isGreaterThan(16);
    }

    /** A channel's reads go by turns through whatever cursor is free. */
    @Test
    void shouldFollowAStreamFromCursorToCursor() {
        List<PageCursor> cursors = LongStream.range(0, 3).mapToObj(i -> file.cursor()).toList();
        for (int page = 0; page < PAGES; page++) {
            readOne(cursors.get(page % 3), page);
        }
        cursors.forEach(PageCursor::close);
        checkEachReadOnce();
        assertThat(requests()).contains(WINDOW_MAX).hasSizeLessThan(20);
    }

    @Test
    void shouldReadAheadOfAWriterThatChangesEachPage() {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                c.write(page);
                assertThat(c.getByte(7)).isEqualTo((byte) (page + 1));
                c.releaseClean();
            }
        }
        checkEachReadOnce();
        assertThat(requests()).contains(WINDOW_MAX).hasSizeLessThan(20);
    }

    @Test
    void shouldReadAheadOfWhoPinsEachPage() {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                c.pin(page);
                assertThat(c.getByte(7)).isEqualTo((byte) (page + 1));
                assertThat(c.retry()).as("page %s", page).isFalse();
                c.release();
            }
        }
        checkEachReadOnce();
        assertThat(requests()).contains(WINDOW_MAX).hasSizeLessThan(20);
    }

    @Test
    void shouldReadNothingAheadOfReadsInNoOrder() {
        try (PageCursor c = file.cursor()) {
            for (long page = 2; page < PAGES; page += 2) { // no two neighbours
                readOne(c, page);
            }
        }
        assertThat(ahead.all).isEmpty();
    }

    // ---- the marker

    @Test
    void shouldBeginTheNextWindowWhenItsReaderComesToTheMarkWhoeverHeIs() throws Exception {
        ReadsUnderWay held = new ReadsUnderWay(backing);
        read(0);
        assertThat(held.all).extracting(ReadsUnderWay.Read::firstPage).containsExactly(1L);
        held.finish(held.all.getFirst());
        Running.until("page 3 is in", () -> Slot.isReadable(slot(3)));
        assertThat(Slot.isReadable(slot(1))).as("the marked page goes the slow way").isFalse();
        cache.verify();
        read(2);
        read(3);
        assertThat(held.all).hasSize(1);
        try (PageCursor other = file.cursor()) {
            assertThat(other.tryRead(1)).as("it is there all the same").isTrue();
            assertThat(other.retry()).isFalse();
        }
        assertThat(Slot.isReadable(slot(1))).isTrue();
        assertThat(held.all).extracting(ReadsUnderWay.Read::firstPage).containsExactly(1L, 4L);
        read(1);
        assertThat(held.all).as("once").hasSize(2);
        held.finish(held.all.getLast());
    }

    /** A reader who is faster than the device: it shall not become idle in between. */
    @Test
    void shouldBeginTheNextWindowAlreadyWhenItsReaderWaitsForTheMarkedPage() throws Exception {
        ReadsUnderWay held = new ReadsUnderWay(backing);
        read(0);
        Running<Long> reader = Running.start(() -> read(1));
        Running.until("the next window is begun", () -> held.all.size() == 2);
        assertThat(reader.awaitAsleep().isDone()).isFalse();
        held.finish(held.all.getFirst());
        assertThat(reader.get()).isEqualTo(0x0202_0202_0202_0202L);
        assertThat(held.all).hasSize(2);
        held.finish(held.all.getLast());
    }

    @Test
    void shouldTellWhoAskedForAMarkedPageWithoutWaiting() throws Exception {
        read(0);
        settle();
        List<Throwable> failures = new ArrayList<>();
        List<Long> told = new ArrayList<>();
        file.readAsync(
                1,
                (page, failure) -> {
                    told.add(page);
                    failures.add(failure);
                },
                task -> {
                    synchronized (told) {
                        task.run();
                    }
                });
        assertThat(told).containsExactly(1L);
        assertThat(failures).containsOnlyNulls();
        assertThat(Slot.isReadable(slot(1))).isTrue();
    }

    @Test
    void shouldGoOnBehindAMarkWhoseStreamIsForgotten() {
        read(0);
        settle();
        try (PageCursor c = file.cursor(CursorHint.SEQUENTIAL)) {
            for (long page = PAGES - 1; page > PAGES - 40; page -= 2) { // more than are remembered
                readOne(c, page);
            }
        }
        settle();
        int before = ahead.all.size();
        read(1);
        assertThat(ahead.all).hasSize(before + 1);
        assertThat(ahead.all.getLast().firstPage()).isEqualTo(4);
        readAll(LongStream.range(0, PAGES));
        checkEachReadOnce();
    }

    /** Of the two readers of a scope one holds writers off; he, too, has to be able to read. */
    @Test
    void shouldLetAStarvedScopeHoldAndReadAMarkedPage() {
        read(0);
        settle();
        try (PageCursor c = file.cursor();
                ReadScope scope = file.readScope()) {
            for (int round = 0; round < CursorPosition.ROUNDS_MAX; round++) {
                scope.read(c, 300);
                try (PageCursor writer = file.cursor()) {
                    writer.write(300);
                    writer.release();
                }
                assertThat(scope.retry()).isTrue();
            }
            assertThat(Slot.isReadable(slot(1))).isFalse();
            scope.read(c, 1);
            assertThat(c.getByte(0)).isEqualTo((byte) 2);
            assertThat(scope.retry()).isFalse();
        }
    }

    // ---- what a page counts that was read ahead

    @Test
    void shouldNotCountTheFirstUseOfAPageThatWasReadAhead() {
        readAll(LongStream.range(0, 10));
        settle();
        for (long page = 0; page < 10; page++) {
            assertThat(uses(page)).as("page %s, read once", page).isZero();
        }
        readAll(LongStream.range(0, 10));
        for (long page = 0; page < 10; page++) {
            assertThat(uses(page)).as("page %s, read twice", page).isEqualTo(1);
        }
    }

    private int uses(long page) {
        return cache.context().frames().uses(Slot.frame(slot(page)));
    }

    @Test
    void shouldLeaveNothingBehindAStreamThatDropsItsPages() {
        try (PageCursor c = file.cursor(CursorHint.DROP_BEHIND, CursorHint.SEQUENTIAL)) {
            LongStream.range(0, PAGES).forEach(page -> readOne(c, page));
        }
        checkEachReadOnce();
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(backing.freedTotal()).isEqualTo(PAGES);
    }

    // ---- hints

    @Test
    void shouldReadFarAheadAtOnceOfWhoSaysThatHeReadsInOrder() {
        try (PageCursor c = file.cursor(CursorHint.SEQUENTIAL)) {
            readOne(c, 100);
            assertThat(requests()).containsExactly(WINDOW_MAX - 1);
            LongStream.range(101, PAGES).forEach(page -> readOne(c, page));
        }
        assertThat(requests()).hasSize(8).contains(WINDOW_MAX);
    }

    @Test
    void shouldReadNothingAheadOfWhoSaysThatHeDoesNotReadInOrder() {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            LongStream.range(0, PAGES).forEach(page -> readOne(c, page));
        }
        assertThat(ahead.all).isEmpty();
    }

    @Test
    void shouldBeginToReadAFileThatWillBeNeeded() {
        CountDownLatch begun = gate();
        device.execute(() -> Running.await(begun)); // what is over makes room for more
        file.cursor(CursorHint.WILL_NEED).close();
        assertThat(requests().stream().mapToInt(r -> r).sum()).isEqualTo(MANY_FRAMES / 4);
        begun.countDown();
        settle();
        readAll(LongStream.range(0, MANY_FRAMES / 4));
        assertThat(backing.reads).hasValue(MANY_FRAMES / 4);
    }

    @Test
    void shouldRefuseHintsThatContradictEachOther() {
        assertThatThrownBy(() -> file.cursor(CursorHint.RANDOM, CursorHint.SEQUENTIAL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "hints must not be both SEQUENTIAL and RANDOM: hints=[SEQUENTIAL, RANDOM]");
    }

    @Test
    void shouldReadAheadAsFarAsTheFileIsToldTo() {
        assertThatThrownBy(() -> file.readAheadBytes(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("read-ahead must be at least 0 bytes: bytes=-1");
        file.readAheadBytes(0);
        readAll(LongStream.range(0, 100));
        assertThat(ahead.all).isEmpty();
        file.readAheadBytes(16L * PAGE_BYTES);
        readAll(LongStream.range(100, 200));
        assertThat(requests()).contains(16);
        file.readAheadBytes(Long.MAX_VALUE);
        readAll(LongStream.range(200, PAGES));
        assertThat(file.space().readAhead().pagesMax()).isEqualTo(MANY_FRAMES / 8);
        checkEachReadOnce();
    }

    // ---- what goes wrong

    @Test
    void shouldTellNobodyOfAReadThatFailedButWhoWantsThePageAndReadLessAhead() {
        readAll(LongStream.range(0, 100));
        settle();
        long bad = LongStream.range(100, PAGES).filter(page -> !cached(page)).min().orElseThrow();
        bad += 70; // in the window after the next
        long at = bad;
        backing.beforeRead =
                page -> {
                    if (page == at) {
                        throw new IOException("bad sector");
                    }
                };
        int before = ahead.all.size();
        readAll(LongStream.range(100, at));
        assertThatThrownBy(() -> read(at))
                .isInstanceOf(PageReadException.class)
                .hasMessageContaining("page=" + at);
        readAll(LongStream.range(at + 1, at + 8));
        settle();
        assertThat(requests().getLast()).as("small again").isLessThan(WINDOW_MAX);
        backing.beforeRead = page -> {};
        readAll(LongStream.range(at, PAGES));
        assertThat(requests().subList(before, requests().size())).last().isNotNull();
    }

    @Test
    void shouldReadOnWithLittleWhenMemoryIsShort() throws Exception {
        MemoryBacking other = new MemoryBacking(PAGE_BYTES);
        other.put(MANY_FRAMES, 1);
        PagedFile pinned = cache.map("pinned", other);
        pinned.readAheadBytes(0);
        List<PageCursor> pins = new ArrayList<>();
        while (cache.stats().freeFrames() > 40) {
            PageCursor c = pinned.cursor();
            c.pin(pins.size());
            pins.add(c);
        }
        readAll(LongStream.range(0, PAGES));
        settle();
        pins.forEach(PageCursor::close);
        pinned.close();
        assertThat(backing.reads.get()).as("pages read in vain").isLessThan(PAGES * 3 / 2);
        assertThat(cache.stats().prefetchesWasted()).isEqualTo(backing.reads.get() - PAGES);
        assertThat(requests()).as("what could be had").isNotEmpty();
    }

    /** Enough is on its way in: the stream goes on with the first page that was left out. */
    @Test
    void shouldGoOnWhereAWindowWasCut() throws Exception {
        ReadsUnderWay held = new ReadsUnderWay(backing);
        file.prefetch(LongStream.range(300, 298 + MANY_FRAMES / 4).toArray());
        read(0);
        ReadsUnderWay.Read cut = held.all.getLast();
        held.finishAll();
        read(1);
        ReadsUnderWay.Read next = held.all.getLast();
        held.finish(next);
        assertThat(cut.firstPage()).isEqualTo(1);
        assertThat(cut.count()).as("instead of 3").isEqualTo(1);
        assertThat(next.firstPage()).isEqualTo(2);
    }

    @Test
    void shouldBeWaitedForByTruncateAndBringNothingBack() throws Exception {
        ReadsUnderWay held = new ReadsUnderWay(backing);
        readAll(LongStream.of(300));
        Running<Long> reader = Running.start(() -> read(301));
        reader.get();
        try (PageCursor c = file.cursor(CursorHint.SEQUENTIAL)) {
            readOne(c, 400);
        }
        assertThat(held.all).isNotEmpty();
        Running<Boolean> truncate =
                Running.run(() -> file.truncate(402L * PAGE_BYTES)).awaitAsleep();
        assertThat(truncate.isDone()).isFalse();
        held.finishAll();
        truncate.get();
        for (long page = 402; page < PAGES; page++) {
            assertThat(cached(page)).as("page %s", page).isFalse();
        }
        assertThat(Slot.isReadable(slot(401))).as("the mark is still there").isFalse();
        int before = held.all.size();
        read(401);
        assertThat(held.all).as("nothing is read beyond the new end").hasSize(before);
    }

    @Test
    void shouldLoseItsMarkToTruncateInvalidateAndHoles() throws Exception {
        read(0);
        settle();
        assertThat(file.invalidate(1, 1)).isZero();
        cache.verify();
        assertThat(read(1)).isEqualTo(0x0202_0202_0202_0202L);
        read(100);
        read(101);
        settle();
        backing.onPunch = position -> true;
        file.punchHole(102L * PAGE_BYTES, PAGE_BYTES);
        assertThat(read(102)).isZero();
        settle();
        file.truncate(PAGE_BYTES);
        cache.verify();
        assertThat(cache.stats().cachedPages()).isEqualTo(1);
    }

    @Test
    void shouldLetAMarkedPageOfAFencedFileBeReadAndBeginNothing() throws Exception {
        read(0);
        settle();
        backing.beforeSync =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(file::sync).hasMessageContaining("sync failed");
        int before = ahead.all.size();
        assertThat(read(1)).isEqualTo(0x0202_0202_0202_0202L);
        assertThat(ahead.all).hasSize(before);
    }

    /** Reclaim takes marked pages as any other: the stream goes on with what it misses. */
    @Test
    void shouldGoOnWhenAMarkedPageWasEvicted() throws Exception {
        read(0);
        settle();
        int frame = Slot.frame(slot(1));
        assertThat(cache.context().lru().remove(frame)).isTrue();
        assertThat(cache.context().removal().tryEvict(frame))
                .isEqualTo(dev.quire.pagecache.space.Removal.Outcome.EVICTED);
        cache.context().allocator().freeFrozen(frame);
        readAll(LongStream.range(1, PAGES));
        settle();
        for (long page = 0; page < PAGES; page++) {
            assertThat(backing.readsOf(page)).as("page %s", page).isEqualTo(page == 1 ? 2 : 1);
        }
        assertThat(requests()).contains(WINDOW_MAX);
    }

    /** A store that is read by threads of the cache is read ahead of those only who ask for it. */
    @Test
    void shouldReadABlockingStoreAheadOnlyOfWhoSaysThatHeReadsInOrder() {
        backing.heal();
        readAll(LongStream.range(0, 100));
        settle();
        int alone = backing.reads.get();
        assertThat(alone)
                .as("all that was read is wanted, but for the first tries")
                .isLessThan(115);
        try (PageCursor c = file.cursor(CursorHint.SEQUENTIAL)) {
            readOne(c, 200);
            Running.until("read ahead", () -> cached(263));
            LongStream.range(201, PAGES).forEach(page -> readOne(c, page));
        }
        settle();
        for (long page = 200; page < PAGES; page++) {
            assertThat(backing.readsOf(page)).isEqualTo(1);
        }
    }

    /** Streams and random readers and writers at once: replay with {@code -Dseed=N}. */
    @Test
    void shouldGiveEverybodyTheRightBytesWhenMarksAreRacedFor() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.printf("ReadAheadTest: -Dseed=%d%n", seed);
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        for (long page = 0; page < 4 * MANY_FRAMES; page++) {
            store.put(page, (int) page + 1);
        }
        new ReadsUnderWay(store).endedBy(device);
        PagedFile large = cache.map("large", store);
        List<Running<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Random random = new Random(seed + i);
            running.add(Running.run(() -> wander(large, random)));
        }
        for (Running<Boolean> thread : running) {
            thread.join();
        }
        settle();
        cache.verify();
        large.close();
    }

    private static void wander(PagedFile large, Random random) {
        long pages = large.sizePages();
        try (PageCursor c = large.cursor()) {
            for (int i = 0; i < 150; i++) {
                long from = random.nextLong(pages);
                int length = (int) Math.min(random.nextInt(300), pages - from);
                for (long page = from; page < from + length; page++) {
                    if (random.nextInt(8) == 0) {
                        c.write(page);
                        assertThat(c.getByte(9)).isEqualTo((byte) (page + 1));
                        c.release();
                    } else {
                        readOne(c, page);
                    }
                }
                if (random.nextInt(20) == 0) {
                    large.tryInvalidate(random.nextLong(pages), 100);
                }
            }
        }
    }

    @Test
    void shouldMarkOnlyWhatItReads() {
        readAll(LongStream.range(0, PAGES));
        settle();
        for (long page = 0; page < PAGES; page++) {
            long word = cache.context().frames().word(Slot.frame(slot(page)));
            assertThat(FrameState.any(word, FrameState.READAHEAD)).as("page %s", page).isFalse();
        }
    }
}
