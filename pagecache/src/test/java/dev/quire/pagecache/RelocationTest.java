package dev.quire.pagecache;

import static dev.quire.pagecache.backing.RelocationOutcome.ABSENT;
import static dev.quire.pagecache.backing.RelocationOutcome.AGAIN;
import static dev.quire.pagecache.backing.RelocationOutcome.BUSY;
import static dev.quire.pagecache.backing.RelocationOutcome.MOVED;
import static dev.quire.pagecache.backing.RelocationOutcome.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.RelocationOutcome;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A page moves to another frame (thread S3). */
class RelocationTest extends CacheFixture {
    private static final long PAGE = 7;

    private FrameTable frames() {
        return cache.context().frames();
    }

    private int frameOf(long page) {
        return Slot.frame(slot(page));
    }

    private long wordOf(long page) {
        return frames().word(frameOf(page));
    }

    private int[] listed() {
        int[] into = new int[FRAMES];
        return Arrays.copyOf(into, cache.context().lru().snapshot(into));
    }

    private List<Long> pagesInListOrder() {
        int[] into = new int[FRAMES];
        int count = cache.context().lru().snapshot(into);
        List<Long> pages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pages.add(frames().page(into[i]));
        }
        return pages;
    }

    /** All that is known of a page and its frame. */
    private record Known(
            long slot,
            long word,
            int uses,
            long privateData,
            long lsn,
            List<Long> list,
            long free) {}

    private Known known(long page) {
        int frame = frameOf(page);
        return new Known(
                slot(page),
                frames().word(frame),
                frames().uses(frame),
                cache.context().privateData().get(frame),
                cache.context().lsns().first(frame),
                pagesInListOrder(),
                cache.stats().freeFrames());
    }

    private void attach(long page, long data) {
        try (PageCursor c = file.cursor()) {
            c.pin(page);
            c.attachPrivate(data);
        }
    }

    // ---- what moves

    @Test
    void shouldMoveAPageToAnotherFrame() {
        write(PAGE, 1, 100);
        int before = frameOf(PAGE);
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        assertThat(frameOf(PAGE)).isNotEqualTo(before);
        assertThat(read(PAGE)).isEqualTo(PAGE + 100);
        assertThat(frames().owner(before)).isEqualTo(FrameTable.OWNER_NONE);
        assertThat(FrameState.refs(frames().word(before))).as("given back").isZero();
    }

    // S3.8: everything that belongs to the page comes along.
    @Test
    void shouldTakeEverythingAlong() throws Exception {
        backing.onMigrate = (page, data) -> true;
        write(0, 20, 5);
        try (PageCursor c = file.cursor()) {
            c.write(PAGE);
            c.lsn(77);
            c.release();
        }
        attach(PAGE, 700);
        for (int i = 0; i < 3; i++) {
            read(PAGE);
        }
        int old = frameOf(PAGE);
        Known before = known(PAGE);
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        Known after = known(PAGE);
        assertThat(after.word()).as("references and flags").isEqualTo(before.word());
        assertThat(after.uses()).isEqualTo(before.uses()).isPositive();
        assertThat(after.privateData()).isEqualTo(700);
        assertThat(after.lsn()).isEqualTo(77);
        assertThat(after.list()).as("its place in the list").isEqualTo(before.list());
        assertThat(after.free()).isEqualTo(before.free());
        assertThat(cache.context().privateData().get(old)).isZero();
        assertThat(file.oldestDirtyLsn()).isEqualTo(77);
        assertThat(cache.stats().dirtyPages()).isEqualTo(20);
        assertThat(FrameState.any(after.word(), FrameState.DIRTY)).isTrue();
        file.sync();
        assertThat(backing.written(PAGE)[0]).isEqualTo((byte) (PAGE + 5));
        assertThat(file.oldestDirtyLsn()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldKeepThePlaceOfEachPageOfBothLists() {
        write(0, 20, 1);
        int[] one = new int[1];
        for (int used = 0; used < 8; ) {
            if (cache.context().lru().isolate(one, 1) == 1) {
                cache.context().lru().putBack(one[0], true);
                cache.context().allocator().put(one[0]);
                used++;
            }
        }
        long page = pagesInListOrder().getFirst();
        assertThat(FrameState.any(wordOf(page), FrameState.ACTIVE)).isTrue();
        List<Long> before = pagesInListOrder();
        for (long each : before) {
            assertThat(file.relocate(each)).as("page %s", each).isEqualTo(MOVED);
        }
        assertThat(pagesInListOrder()).isEqualTo(before);
        assertThat(FrameState.any(wordOf(page), FrameState.ACTIVE)).isTrue();
        cache.verify();
    }

    /** A page that was read ahead and that nobody asked for yet stays so, and its mark goes on. */
    @Test
    void shouldTakeAlongWhatReadAheadKnows() throws Exception {
        file.truncate(101L * PAGE_BYTES);
        file.prefetch(PAGE);
        Running.until( // its slot is readable a moment before it is unlocked
                "read",
                () ->
                        Slot.isReadable(slot(PAGE))
                                && FrameState.any(wordOf(PAGE), FrameState.UPTODATE));
        int frame = frameOf(PAGE);
        frames().unread(frame);
        assertThat(frames().update(frame, w -> FrameState.set(w, FrameState.READAHEAD)))
                .isPositive();
        file.space().translation().findOrMake(PAGE).publish((int) PAGE, Slot.busy(slot(PAGE)));
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        assertThat(Slot.isReadable(slot(PAGE))).as("marked").isFalse();
        assertThat(frames().isUnread(frameOf(PAGE))).isTrue();
        assertThat(FrameState.any(wordOf(PAGE), FrameState.READAHEAD)).isTrue();
        cache.verify();
        sweep(PAGE, PAGE + 1);
        assertThat(Slot.isReadable(slot(PAGE))).as("opened by the first who came").isTrue();
    }

    // S3.8, S4.9: the page goes on; who keeps something with it is told when it ends, once.
    @Test
    void shouldCallFreePageForThePageAndNotForTheMove() throws Exception {
        write(PAGE, 1, 1);
        file.sync();
        for (int i = 0; i < 10; i++) {
            assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        }
        assertThat(backing.freed(PAGE)).isZero();
        assertThat(backing.reads).hasValue(0);
        file.invalidate(PAGE, 1);
        assertThat(backing.freed(PAGE)).isEqualTo(1);
    }

    @Test
    void shouldAskTheHooksAndTellThemTheData() {
        write(PAGE, 1, 1);
        attach(PAGE, 42);
        assertThat(file.relocate(PAGE)).as("kept by default").isEqualTo(BUSY);
        List<Long> asked = new ArrayList<>();
        backing.onMigrate =
                (page, data) -> {
                    asked.add(data);
                    return true;
                };
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        assertThat(asked).containsExactly(42L);
        try (PageCursor c = file.cursor()) {
            c.pin(PAGE);
            assertThat(c.privateData()).isEqualTo(42);
            assertThat(c.detachPrivate()).isEqualTo(42);
        }
    }

    /** The hook said yes to one word; by the time of the freeze the page has another. */
    @Test
    void shouldNotMovePrivateDataThatTheHooksWereNotAskedAbout() {
        write(PAGE, 1, 1);
        attach(PAGE, 42);
        AtomicBoolean once = new AtomicBoolean();
        backing.onMigrate =
                (page, data) -> {
                    if (!once.getAndSet(true)) {
                        try (PageCursor c = file.cursor()) {
                            c.pin(PAGE);
                            c.detachPrivate();
                            c.attachPrivate(43);
                        }
                    }
                    return true;
                };
        Known before = known(PAGE);
        assertThat(file.relocate(PAGE)).isEqualTo(AGAIN);
        assertThat(known(PAGE))
                .usingRecursiveComparison()
                .ignoringFields("privateData", "uses")
                .isEqualTo(before);
        cache.verify();
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        assertThat(cache.context().privateData().get(frameOf(PAGE))).isEqualTo(43);
        try (PageCursor c = file.cursor()) {
            c.pin(PAGE);
            c.detachPrivate();
        }
    }

    // ---- what stays, with nothing changed (S3.7)

    private void shouldStay(RelocationOutcome outcome) {
        Known before = known(PAGE);
        assertThat(file.relocate(PAGE)).isEqualTo(outcome);
        assertThat(known(PAGE)).isEqualTo(before);
    }

    // S3.1
    @Test
    void shouldAnswerBusyForAPinnedPage() {
        write(0, 10, 1);
        try (PageCursor pin = file.cursor()) {
            pin.pin(PAGE);
            shouldStay(BUSY);
            pin.release();
            assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        }
    }

    // S3.1
    @Test
    void shouldAnswerBusyForALatchedPage() {
        write(0, 10, 1);
        try (PageCursor writer = file.cursor()) {
            writer.write(PAGE);
            shouldStay(BUSY);
            writer.release();
        }
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
    }

    @Test
    void shouldAnswerBusyForAPageUnderWriteBack() throws Exception {
        write(0, 10, 1);
        CountDownLatch writing = gate();
        CountDownLatch goOn = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(goOn);
                };
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        shouldStay(BUSY);
        goOn.countDown();
        sync.get();
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
    }

    @Test
    void shouldAnswerBusyForAPageThatIsBeingRead() throws Exception {
        file.truncate(21L * PAGE_BYTES);
        CountDownLatch reading = gate();
        CountDownLatch goOn = gate();
        backing.beforeRead =
                page -> {
                    reading.countDown();
                    Running.await(goOn);
                };
        Running<Boolean> reader = Running.run(() -> sweep(PAGE, PAGE + 1));
        Running.await(reading);
        shouldStay(BUSY);
        goOn.countDown();
        reader.get();
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
    }

    // S3.3
    @Test
    void shouldAnswerAgainForATransientReference() {
        write(0, 10, 1);
        int frame = frameOf(PAGE);
        assertThat(frames().tryGet(frame)).isTrue();
        shouldStay(AGAIN);
        cache.context().allocator().put(frame);
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
    }

    @Test
    void shouldAnswerAbsentForAPageThatIsNotCached() throws Exception {
        file.truncate(21L * PAGE_BYTES);
        assertThat(file.relocate(PAGE)).isEqualTo(ABSENT);
        assertThat(file.relocate(1L << 50)).isEqualTo(ABSENT);
        assertThat(backing.reads).hasValue(0);
        assertThatThrownBy(() -> file.relocate(-1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("page must be at least 0: page=-1");
    }

    @Test
    void shouldSayThatThereIsNoFrame() {
        write(PAGE, 1, 1);
        backing.mayRelease = page -> false; // reclaim, which frames are short for, wants it
        PageAllocator allocator = cache.context().allocator();
        List<Integer> taken = new ArrayList<>();
        int frame;
        while ((frame = allocator.tryAllocate(0, AllocContext.RESERVE)) != PageAllocator.NO_FRAME) {
            taken.add(frame);
        }
        assertThat(taken).hasSize(FRAMES - 1);
        assertThat(file.relocate(PAGE)).isEqualTo(NO_FRAME);
        assertThat(cached(PAGE)).isTrue();
        allocator.put(taken.removeLast());
        // It may look at the page at the same moment.
        Running.until("the last one will do", () -> file.relocate(PAGE) == MOVED);
        taken.forEach(allocator::put);
    }

    @Test
    void shouldContainAHookThatThrows() {
        write(0, 10, 1);
        backing.onMigrate =
                (page, data) -> {
                    throw new IllegalStateException("on purpose");
                };
        shouldStay(BUSY);
        assertThat(cache.stats().callbackErrors()).isEqualTo(1);
    }

    @Test
    void shouldNotBeCalledInsideAHook() {
        write(0, 10, 1);
        List<Throwable> refused = new ArrayList<>();
        backing.onMigrate =
                (page, data) -> {
                    try {
                        file.relocate(page + 1);
                    } catch (RuntimeException e) {
                        refused.add(e);
                    }
                    return true;
                };
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        assertThat(refused).hasSize(1);
        assertThat(refused.getFirst()).hasMessageContaining("relocate inside migratePage(7)");
    }

    // ---- those who are at it meanwhile

    @Test
    void shouldMakeAReaderReadAgain() {
        write(PAGE, 1, 3);
        try (PageCursor c = file.cursor()) {
            c.read(PAGE);
            assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
            c.getLong(0);
            assertThat(c.retry()).isTrue();
            c.read(PAGE);
            assertThat(c.getLong(0)).isEqualTo(PAGE + 3);
            assertThat(c.retry()).isFalse();
            assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
            assertThat(c.upgrade()).as("what was read is not there any more").isFalse();
        }
    }

    // S3.4: who finds a frozen frame in a slot waits, and neither misses nor reads the page twice.
    @Test
    void shouldKeepThoseWaitingWhoFindTheFrameFrozen() throws Exception {
        write(PAGE, 1, 3);
        file.sync();
        int frame = frameOf(PAGE);
        assertThat(frames().update(frame, FrameState::beginMove)).isPositive();
        assertThat(frames().update(frame, FrameState::freezeToMove)).isPositive();
        assertThat(frames().tryGet(frame)).isFalse();
        Running<Boolean> pinner =
                Running.run(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                c.pin(PAGE);
                                assertThat(c.getLong(0)).isIn(PAGE + 3, PAGE + 4);
                            }
                        });
        Running<Boolean> writer = Running.run(() -> write(PAGE, 1, 4));
        Running<Boolean> cutter = Running.run(() -> file.tryInvalidate(0, 100));
        assertThat(read(PAGE)).as("an optimistic reader goes on").isEqualTo(PAGE + 3);
        pinner.awaitAsleep();
        writer.awaitAsleep();
        cutter.get();
        assertThat(pinner.isDone()).isFalse();
        assertThat(writer.isDone()).isFalse();
        assertThat(cache.stats().cachedPages()).isEqualTo(1);
        frames().unfreeze(frame, 2);
        cache.context().endLatch(frame, word -> FrameState.put(FrameState.unlock(word)));
        pinner.get();
        writer.get();
        assertThat(backing.reads).as("nobody missed").hasValue(0);
        assertThat(frameOf(PAGE)).isEqualTo(frame);
    }

    /** Inside a hook nobody may sleep for a page; a frozen one is looked at again. */
    @Test
    void shouldPinAFrozenPageInsideAHookAsSoonAsItIsThere() throws Exception {
        write(0, 10, 3);
        int frame = frameOf(PAGE);
        frames().update(frame, FrameState::beginMove);
        frames().update(frame, FrameState::freezeToMove);
        CountDownLatch inside = gate();
        backing.onMigrate =
                (page, data) -> {
                    try (PageCursor c = file.cursor()) {
                        inside.countDown();
                        c.pin(PAGE);
                    }
                    return true;
                };
        Running<RelocationOutcome> other = Running.start(() -> file.relocate(1));
        Running.await(inside);
        frames().unfreeze(frame, 2);
        cache.context().endLatch(frame, word -> FrameState.put(FrameState.unlock(word)));
        assertThat(other.get()).isEqualTo(MOVED);
        assertThat(cache.stats().callbackErrors()).isZero();
    }

    /** Relocates pages until told to stop, from a thread of its own. */
    private static Running<Boolean> relocating(
            PagedFile of, AtomicBoolean done, AtomicInteger moved, long pages) {
        return Running.run(
                () -> {
                    for (long page = 0; !done.get(); page = (page + 1) % pages) {
                        if (of.relocate(page) == MOVED) {
                            moved.incrementAndGet();
                        }
                    }
                });
    }

    /** Runs work beside a thread that moves the first pages, until both have done enough. */
    private void besideMoves(long pages, int movesMin, Running.Work step) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger moved = new AtomicInteger();
        Running<Boolean> mover = relocating(file, done, moved, pages);
        try {
            for (int i = 0; i < 2_000 || moved.get() < movesMin; i++) {
                assertThat(mover.isDone()).isFalse();
                step.run();
            }
        } finally {
            done.set(true);
        }
        mover.get();
    }

    // S3.2: a pin holds the frame that the slot names, for as long as it is held.
    @Test
    void shouldPinTheNewFrameOrKeepThePageFromMoving() throws Exception {
        write(0, 2, 9);
        try (PageCursor c = file.cursor()) {
            besideMoves(
                    2,
                    2_000,
                    () -> {
                        c.pin(1);
                        int pinned = cache.context().allocator().frameOf(c.segment());
                        for (int i = 0; i < 20; i++) {
                            assertThat(frameOf(1)).isEqualTo(pinned);
                        }
                        assertThat(c.getLong(0)).isEqualTo(10);
                        assertThat(c.detached()).isFalse();
                        c.release();
                    });
        }
    }

    // S3.5: a write is in the new frame, whenever the page was copied.
    @Test
    void shouldLoseNoWriteWhilePagesMove() throws Exception {
        write(0, 2, -1);
        long[] written = new long[1];
        try (PageCursor c = file.cursor()) {
            besideMoves(
                    2,
                    20_000,
                    () -> {
                        c.write(1);
                        assertThat(c.getLong(0)).isEqualTo(written[0]);
                        written[0]++;
                        c.putLong(0, written[0]);
                        c.putLong(PAGE_BYTES - 8, written[0]);
                        c.release();
                    });
        }
        assertThat(read(1)).isEqualTo(written[0]);
    }

    // S3.5: the page is large, so that its copy takes long; what is written is copied first.
    @Test
    void shouldLoseNoWriteWhileALargePageIsCopied() throws Exception {
        int pageBytes = 1 << 16;
        MemoryBacking store = new MemoryBacking(pageBytes);
        PageCacheConfig.Builder config =
                config().memoryBytes((long) FRAMES * pageBytes).pageBytes(pageBytes);
        try (PageCache large = PageCache.create(config.build());
                PagedFile pages = large.map("large", store);
                PageCursor c = pages.cursor()) {
            c.create(0);
            c.release();
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger moved = new AtomicInteger();
            Running<Boolean> mover = relocating(pages, done, moved, 1);
            long written = 0;
            long found = 0;
            try {
                while (found == written && moved.get() < 20_000 && !mover.isDone()) {
                    c.write(0);
                    found = c.getLong(0);
                    if (found == written) {
                        written++;
                        found++;
                        c.putLong(0, written);
                    }
                    c.release();
                }
            } finally {
                done.set(true);
            }
            mover.get();
            assertThat(found).as("written=%s", written).isEqualTo(written);
        }
    }

    // S3.6: what a device stores under a pin and what a thread writes both stay.
    @Test
    void shouldKeepWhatADeviceAndAThreadStoreIntoOnePage() throws Exception {
        write(PAGE, 1, 0);
        try (PageCursor request = file.cursor();
                PageCursor writer = file.cursor()) {
            request.pin(PAGE);
            MemorySegment device = cache.context().memory(frameOf(PAGE)).asSlice(0, 512);
            device.asSlice(0, 256).fill((byte) 0x11);
            assertThat(file.relocate(PAGE)).isEqualTo(BUSY);
            writer.write(PAGE);
            writer.putLong(3584, 0x2222);
            writer.release();
            assertThat(file.relocate(PAGE)).isEqualTo(BUSY);
            device.asSlice(256).fill((byte) 0x11);
            request.release();
        }
        assertThat(file.relocate(PAGE)).isEqualTo(MOVED);
        try (PageCursor c = file.cursor()) {
            c.pin(PAGE);
            MemorySegment page = c.segment();
            for (int i = 0; i < 512; i++) {
                assertThat(page.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) 0x11);
            }
            assertThat(c.getLong(3584)).isEqualTo(0x2222);
        }
        file.sync();
        assertThat(backing.durable(PAGE)[511]).isEqualTo((byte) 0x11);
        assertThat(backing.durable(PAGE)[3584]).isEqualTo((byte) 0x22);
    }

    /** A page that moves while a sync looks for it is dirty in its new frame, and written. */
    @Test
    void shouldSyncPagesThatMove() throws Exception {
        write(0, 2, 0);
        long[] value = new long[1];
        try (PageCursor c = file.cursor()) {
            besideMoves(
                    2,
                    10_000,
                    () -> {
                        value[0]++;
                        c.write(1);
                        c.putLong(0, value[0]);
                        c.release();
                        file.sync();
                        MemorySegment durable = MemorySegment.ofArray(backing.durable(1));
                        assertThat(durable.get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                                .isEqualTo(value[0]);
                    });
        }
    }

    @Test
    void shouldNeverMissTheLogPositionOfAPageThatMoves() throws Exception {
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.lsn(31);
            c.release();
        }
        besideMoves(
                1,
                100_000,
                () -> {
                    long found = 31;
                    for (int i = 0; i < 200 && found == 31; i++) {
                        found = file.oldestDirtyLsn();
                    }
                    assertThat(found).isEqualTo(31);
                });
    }

    @Test
    void shouldLoseNothingWhenPagesAreCutWhileTheyMove() throws Exception {
        write(0, 10, 0);
        besideMoves(
                10,
                1_000,
                () -> {
                    file.truncate(3L * PAGE_BYTES);
                    assertThat(cached(5)).isFalse();
                    write(3, 7, 0);
                });
        cache.verify();
        // Whoever was held up with the lists left frames deferred, and reclaim may have been awake.
        cache.context().allocator().drainDeferred();
        Running.until("listed", () -> listed().length == cache.stats().cachedPages());
        for (long page = 0; page < 10; page++) {
            assertThat(read(page)).isEqualTo(page);
        }
    }
}
