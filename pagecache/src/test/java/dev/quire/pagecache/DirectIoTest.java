package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WriteFailedException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/** Direct reads and writes beside cached pages, one thing at a time (thread S2). */
class DirectIoTest extends DirectFixture {
    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(19, 1);
        return config;
    }

    // ---- what they do

    @Test
    void shouldSeeACachedWriteInADirectReadAndTheOtherWayRound() throws IOException {
        write(3, 2, 100);
        assertThat(readDirect(3)).isEqualTo(103);
        assertThat(cached(3)).as("a direct read drops nothing").isTrue();
        writeDirect(3, 2, 200);
        assertThat(cached(3)).isFalse();
        assertThat(read(3)).isEqualTo(203);
        assertThat(read(4)).isEqualTo(204);
        assertThat(cache.stats().directReads()).isEqualTo(1);
        assertThat(cache.stats().directWrites()).isEqualTo(1);
        assertThat(cache.stats().directFallbacks()).isZero();
    }

    @Test
    void shouldKeepWhatWasDirtyAroundADirectWriteOfPartOfAPage() throws IOException {
        write(5, 1, 100);
        MemorySegment part = memory(512);
        part.fill((byte) 7);
        file.writeDirect(part, position(5) + 1024);
        try (PageCursor c = file.cursor()) {
            c.pin(5);
            assertThat(c.getLong(0)).isEqualTo(105);
            assertThat(c.getByte(1024)).isEqualTo((byte) 7);
            assertThat(c.getByte(1535)).isEqualTo((byte) 7);
            assertThat(c.getByte(1536)).isZero();
            assertThat(c.getLong(PAGE_BYTES - 8)).isEqualTo(105);
        }
    }

    @Test
    void shouldGrowTheFileAndReadTheHoleAsZeros() throws IOException {
        writeDirect(30, 1, 100);
        assertThat(file.sizeBytes()).isEqualTo(position(31));
        assertThat(read(25)).isZero();
        assertThat(read(30)).isEqualTo(130);
        file.sync();
        assertThat(backing.durableSize()).isEqualTo(position(31));
    }

    @Test
    void shouldReadWhatWasNeverWrittenAsZerosWhenTheStoreIsShorter() throws IOException {
        long page = file.append();
        MemorySegment into = memory(2 * PAGE_BYTES);
        into.fill((byte) 9);
        assertThat(file.readDirect(into, position(page))).isEqualTo(PAGE_BYTES);
        assertThat(into.asSlice(0, PAGE_BYTES).mismatch(memory(PAGE_BYTES))).isEqualTo(-1);
    }

    @Test
    void shouldAnswerTheBytesUpToTheEndAndNoneBeyondIt() throws IOException {
        file.truncate(position(19) + 100);
        MemorySegment into = memory(PAGE_BYTES);
        assertThat(file.readDirect(into, position(19))).isEqualTo(100);
        assertThat(file.readDirect(into, position(20))).isZero();
        Outcome beyond = new Outcome();
        file.readDirect(into, position(40), beyond);
        assertThat(beyond.get()).isZero();
    }

    @Test
    void shouldWriteOutOfAPinnedPageOfAnotherFile() throws IOException {
        MemoryBacking otherStore = new MemoryBacking(PAGE_BYTES);
        PagedFile other = cache.map("other", otherStore);
        write(other, 0, 1, 77);
        try (PageCursor c = other.cursor()) {
            c.pin(0);
            assertThat(file.writeDirect(c.segment(), position(2))).isEqualTo(PAGE_BYTES);
        }
        assertThat(read(2)).isEqualTo(77);
        other.close();
    }

    @Test
    void shouldMakeDirectWritesDurableByASync() throws IOException {
        writeDirect(2, 1, 50);
        file.sync();
        assertThat(backing.durable(2)[0]).isEqualTo((byte) 52);
    }

    @Test
    void shouldSyncADirectWriteWhenTheFileIsClosed() throws IOException {
        writeDirect(2, 1, 50);
        file.close();
        assertThat(backing.durable(2)[0]).isEqualTo((byte) 52);
    }

    // ---- refused, with nothing done

    @Test
    void shouldTestTheAlignmentBeforeAnythingElse() throws IOException {
        write(2, 1, 5);
        MemorySegment memory = memory(PAGE_BYTES);
        assertThatThrownBy(() -> file.writeDirect(memory, position(2) + 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("multiples of 512")
                .hasMessageContaining("position=" + (position(2) + 100));
        assertThatThrownBy(() -> file.writeDirect(memory.asSlice(0, 700), position(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length=700");
        assertThatThrownBy(() -> file.readDirect(memory.asSlice(8, 512), position(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("address=0x");
        assertThatThrownBy(() -> file.writeDirect(memory, -512))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position=-512");
        assertThat(cached(2)).isTrue();
        assertThat(cache.stats().dirtyPages()).as("not even written back").isEqualTo(1);
        assertThat(backing.direct.writes).hasValue(0);
    }

    @Test
    void shouldRefuseMemoryThatCannotBeUsed() {
        assertThatThrownBy(() -> file.writeDirect(MemorySegment.ofArray(new byte[512]), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native");
        assertThatThrownBy(() -> file.readDirect(memory(512).asReadOnly(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("writable");
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment mine = confined.allocate(512, 512);
            assertThatThrownBy(() -> file.writeDirect(mine, 0, new Outcome()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("confined");
        }
    }

    @Test
    void shouldRefuseWhatWouldPassHooksByOrHasNoDirectSide() {
        backing.hasDirect = false;
        assertThatThrownBy(() -> file.readDirect(memory(512), 0))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("directStore")
                .hasMessageContaining("file=store");
        backing.hasDirect = true;
    }

    @Test
    void shouldRefuseAThreadThatHoldsALatch() throws IOException {
        try (PageCursor c = file.cursor()) {
            c.write(1);
            assertThatThrownBy(() -> file.writeDirect(memory(512), position(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("this thread holds one");
            assertThatThrownBy(() -> file.readDirect(memory(512), position(1)))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> file.writeDirect(memory(512), 0, new Outcome()))
                    .isInstanceOf(IllegalStateException.class);
            Outcome elsewhere = new Outcome();
            assertThat(file.tryWriteDirect(memory(512), position(3), elsewhere, Runnable::run))
                    .as("waits for nobody")
                    .isTrue();
            assertThat(elsewhere.get()).isEqualTo(512);
        }
    }

    /** S2.12. */
    @Test
    void shouldAnswerAgainAndDoNothingWhenAPageIsCachedAndNobodyMayWait() throws IOException {
        read(2);
        Outcome never = new Outcome();
        assertThat(file.tryWriteDirect(memory(3 * PAGE_BYTES), position(1), never, Runnable::run))
                .isFalse();
        assertThat(cached(2)).isTrue();
        write(6, 1, 0);
        assertThat(file.tryReadDirect(memory(PAGE_BYTES), position(6), never, Runnable::run))
                .isFalse();
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        assertThat(backing.direct.writes).hasValue(0);
        assertThat(backing.direct.reads).hasValue(0);
        write(2, 1, 9); // nobody waits for the range
        Outcome told = new Outcome();
        assertThat(file.tryWriteDirect(pages(8, 1, 1), position(8), told, Runnable::run)).isTrue();
        assertThat(told.get()).isEqualTo(PAGE_BYTES);
        assertThat(never.reports).hasValue(0);
    }

    // ---- through the pages

    /** S2.3. */
    @Test
    void shouldWriteThroughTheCacheWhenAPageIsPinned() throws IOException {
        try (PageCursor pin = file.cursor()) {
            pin.pin(4);
            writeDirect(3, 3, 100);
            assertThat(backing.direct.writes).as("nothing went directly").hasValue(0);
            assertThat(cache.stats().directFallbacks()).isEqualTo(1);
            assertThat(pin.getLong(0)).as("seen by the pin").isEqualTo(104);
        }
        assertThat(read(3)).isEqualTo(103);
        assertThat(readDirect(5)).isEqualTo(105);
    }

    /** S2.3. */
    @Test
    void shouldWriteThroughTheCacheWhenTheStoreKeepsAPage() throws IOException {
        read(4);
        backing.mayRelease = page -> page != 4;
        Outcome outcome = startWrite(3, 3, 100);
        assertThat(outcome.get()).isEqualTo(3 * PAGE_BYTES);
        assertThat(backing.direct.writes).hasValue(0);
        assertThat(read(4)).isEqualTo(104);
    }

    /**
     * S2.3: the engine's log is not durable yet, so that the page can be neither written nor
     * dropped.
     */
    @Test
    void shouldGoThroughTheCacheWhenTheEngineHoldsAPageBack() throws IOException {
        AtomicBoolean held = new AtomicBoolean(true);
        backing.hooks =
                new PageHooks() {
                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        return held.get() && page == 4 ? 17 : GO;
                    }
                };
        write(4, 1, 50);
        assertThat(readDirect(4)).isEqualTo(54);
        writeDirect(4, 1, 60);
        assertThat(backing.direct.writes).hasValue(0);
        assertThat(backing.direct.reads).hasValue(0);
        assertThat(cache.stats().directFallbacks()).isEqualTo(2);
        assertThat(read(4)).isEqualTo(64);
        held.set(false);
        assertThat(readDirect(4)).isEqualTo(64);
    }

    @Test
    void shouldReportADirtyPageThatCannotBeWrittenAndWriteNothing() {
        write(4, 1, 50);
        backing.beforeWrite =
                page -> {
                    throw new IOException("broken on purpose");
                };
        assertThatThrownBy(() -> writeDirect(3, 3, 100))
                .isInstanceOf(WriteFailedException.class)
                .hasRootCauseMessage("broken on purpose");
        assertThat(backing.direct.writes).hasValue(0);
        assertThat(read(4)).isEqualTo(54);
    }

    // ---- one answer

    /** S2.1, S2.6. */
    @Test
    void shouldTellAFailureOnceAndNoBytes() {
        backing.direct.beforeWrite =
                position -> {
                    throw new IOException("EIO on purpose");
                };
        Outcome outcome = startWrite(3, 1, 100);
        assertThatThrownBy(outcome::get).hasRootCauseMessage("EIO on purpose");
        assertThat(outcome.reports).hasValue(1);
        assertThatThrownBy(() -> writeDirect(3, 1, 100)).hasMessageContaining("EIO on purpose");
    }

    /** S2.1: "cannot be submitted" is told by the completion, as every other failure. */
    @Test
    void shouldTellAStoreThatThrowsAtTheSubmitByTheCompletionAlone() {
        backing.direct.onSubmit =
                (position, done) -> {
                    throw new IOException("not begun on purpose");
                };
        Outcome outcome = startWrite(3, 1, 100); // throws nothing
        assertThatThrownBy(outcome::get).hasRootCauseMessage("not begun on purpose");
        assertThat(outcome.reports).hasValue(1);
    }

    /** S2.13: else whoever closes the file would wait for it for ever. */
    @Test
    void shouldTellOfAReadThatTheStoreAnswersWithNoNumberOfBytes() throws IOException {
        backing.direct.answered = bytes -> -1;
        Outcome outcome = new Outcome();
        file.readDirect(memory(PAGE_BYTES), position(3), outcome);
        assertThatThrownBy(outcome::get).rootCause().hasMessageContaining("bytes=-1");
        assertThatThrownBy(() -> file.readDirect(memory(PAGE_BYTES), position(3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bytes=-1");
        file.truncate(position(2)); // waits for nobody
    }

    /** S2.13: the memory goes before the answer, against the contract. */
    @Test
    @SuppressWarnings("try") // closed before the end
    void shouldTellOfAReadWhoseMemoryIsGone() throws IOException {
        Arena arena = Arena.ofShared(); // closed by the store
        backing.direct.answered =
                bytes -> {
                    arena.close();
                    return 0;
                };
        Outcome outcome = new Outcome();
        file.readDirect(arena.allocate(PAGE_BYTES, PAGE_BYTES), position(3), outcome);
        assertThatThrownBy(outcome::get).rootCause().hasMessageContaining("closed");
        file.truncate(position(2));
    }

    /** S2.1, S2.2: the answer comes before the submit is over, and the submit fails after it. */
    @Test
    void shouldTakeTheFirstAnswerWhenTheSubmitFailsAfterIt() throws IOException {
        backing.direct.onSubmit =
                (position, done) -> {
                    done.done(null);
                    throw new IOException("after it was queued");
                };
        Outcome outcome = startWrite(3, 1, 100);
        assertThat(outcome.get()).isEqualTo(PAGE_BYTES);
        backing.direct.heal();
        writeDirect(3, 1, 7); // nothing of the range is left behind
        assertThat(read(3)).isEqualTo(10);
        assertThat(outcome.reports).hasValue(1);
        assertThat(cache.stats().callbackErrors()).isEqualTo(1);
    }

    /** S2.14. */
    @Test
    void shouldRunTheCompletionElsewhereWithoutALockAndLetItSubmitAgain() throws IOException {
        AtomicReference<@Nullable String> wrong = new AtomicReference<>();
        AtomicInteger round = new AtomicInteger();
        Thread submitter = Thread.currentThread();
        Outcome last = new Outcome();
        List<ReentrantLock> locks =
                List.of(
                        file.space().sizeLock(),
                        file.space().appendLock(),
                        file.space().durabilityLock());
        DirectCompletion again =
                new DirectCompletion() {
                    @Override
                    public void complete(long bytes, @Nullable Throwable failure) {
                        if (Thread.currentThread().equals(submitter)) {
                            wrong.set("on the stack that submitted");
                        }
                        if (locks.stream().anyMatch(ReentrantLock::isHeldByCurrentThread)) {
                            wrong.set("a lock is held");
                        }
                        if (failure != null || bytes != PAGE_BYTES) {
                            wrong.set("bytes=" + bytes + ", failure=" + failure);
                        }
                        int page = round.incrementAndGet();
                        DirectCompletion next = page < 10 ? this : last;
                        file.writeDirect(pages(page, 1, 40), position(page), next, Runnable::run);
                    }
                };
        file.writeDirect(pages(0, 1, 40), 0, again, Runnable::run);
        assertThat(last.get()).isEqualTo(PAGE_BYTES);
        assertThat(wrong).hasValue(null);
        for (long page = 0; page <= 10; page++) {
            assertThat(read(page)).isEqualTo(page + 40);
        }
    }

    @Test
    void shouldContainACompletionThatThrowsAndAnExecutorThatRefuses() throws IOException {
        file.writeDirect(
                pages(1, 1, 1),
                position(1),
                (bytes, failure) -> {
                    throw new IllegalStateException("on purpose");
                });
        Outcome refused = new Outcome();
        file.writeDirect(
                pages(2, 1, 1),
                position(2),
                refused,
                task -> {
                    throw new IllegalStateException("full");
                });
        assertThat(refused.get()).isEqualTo(PAGE_BYTES);
        Running.until("contained", () -> cache.stats().callbackErrors() == 1);
    }

    // ---- the second invalidation

    /** S2.10: a fill that has read the bytes of before is in its slot when the write is over. */
    @Test
    void shouldDropAFillThatWasInFlightWhenTheWriteCompleted() throws Exception {
        CountDownLatch fill = gate();
        CountDownLatch device = gate();
        backing.direct.beforeWrite = position -> Running.await(device);
        Outcome outcome = startWrite(7, 1, 100);
        Running.until("write is under way", () -> backing.direct.writes.get() == 1);
        backing.afterBytes = page -> Running.await(fill); // the old bytes are in its memory
        Running<Long> reader = Running.start(() -> read(7));
        reader.awaitInside("readPage").awaitAsleep();
        assertThat(cached(7)).as("locked, in its slot").isTrue();
        device.countDown();
        Running.until("bytes are there", () -> backing.written(7)[0] == 107);
        assertThat(outcome.isDone()).as("waits for the fill").isFalse();
        backing.afterBytes = page -> {};
        fill.countDown();
        assertThat(outcome.get()).isEqualTo(PAGE_BYTES);
        assertThat(read(7)).isEqualTo(107);
        reader.get();
    }

    /** S2.9: a page that came in before the bytes were there, and was good meanwhile. */
    @Test
    void shouldReadTheNewBytesAfterTheCompletionAlthoughThePageCameInMeanwhile() throws Exception {
        write(7, 1, 0);
        CountDownLatch device = gate();
        backing.direct.beforeWrite = position -> Running.await(device);
        Outcome outcome = startWrite(7, 1, 100);
        Running.until("write is under way", () -> backing.direct.writes.get() == 1);
        assertThat(read(7)).as("optimistic reads go on").isEqualTo(7);
        file.prefetch(7);
        assertThat(cached(7)).isTrue();
        device.countDown();
        assertThat(outcome.get()).isEqualTo(PAGE_BYTES);
        assertThat(read(7)).isEqualTo(107);
    }

    /** S2.4. */
    @Test
    void shouldKeepTheResultAndTellEachHandleWhenAPageCannotBeDroppedAfterwards() throws Exception {
        CountDownLatch device = gate();
        backing.direct.beforeWrite = position -> Running.await(device);
        Outcome outcome = startWrite(7, 1, 100);
        Running.until("write is under way", () -> backing.direct.writes.get() == 1);
        backing.mayRelease = page -> false;
        read(7);
        device.countDown();
        assertThat(outcome.get()).as("the write has succeeded").isEqualTo(PAGE_BYTES);
        assertThat(cache.stats().stalePages()).isEqualTo(1);
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .cause()
                .hasMessageContaining("cached pages are older than a direct write")
                .hasMessageContaining("position=" + position(7));
        file.sync(); // once
        backing.mayRelease = page -> true;
        assertThat(file.invalidate(7, 1)).isZero();
        assertThat(read(7)).isEqualTo(107);
    }

    // ---- the end of the file

    /** S2.7. */
    @Test
    void shouldClampAReadAtTheEndThatTheFileHadWhenItBegan() throws Exception {
        CountDownLatch device = gate();
        backing.direct.beforeRead = position -> Running.await(device);
        Outcome outcome = new Outcome();
        file.readDirect(memory(4 * PAGE_BYTES), position(18), outcome);
        Running.until("read is under way", () -> backing.direct.reads.get() == 1);
        write(20, 4, 0);
        file.sync();
        device.countDown();
        assertThat(outcome.get()).isEqualTo(2 * PAGE_BYTES);
    }

    /** S2.8: the later write is over first. */
    @Test
    void shouldNotCoverWhatIsNotWrittenWhenWritesBeyondTheEndCompleteInAnyOrder() throws Exception {
        CountDownLatch first = gate();
        backing.direct.beforeWrite =
                position -> {
                    if (position == position(20)) {
                        Running.await(first);
                    }
                };
        Outcome lower = startWrite(20, 1, 100);
        Outcome upper = startWrite(21, 1, 100);
        Running.until("upper is in the store", () -> backing.written(21)[0] == 121);
        List<Long> sizes = new ArrayList<>();
        for (int look = 0; look < 20; look++) {
            sizes.add(file.sizeBytes());
            Thread.sleep(1);
        }
        assertThat(sizes).containsOnly(position(20));
        assertThat(upper.isDone()).isFalse();
        first.countDown();
        assertThat(lower.get()).isEqualTo(PAGE_BYTES);
        assertThat(upper.get()).isEqualTo(PAGE_BYTES);
        assertThat(file.sizeBytes()).isEqualTo(position(22));
        assertThat(read(20)).isEqualTo(120);
        assertThat(read(21)).isEqualTo(121);
    }

    /** S2.8. */
    @Test
    void shouldNotShowTheSizeBeforeTheBytesNorTakeItBack() throws Exception {
        CountDownLatch device = gate();
        backing.direct.beforeWrite = position -> Running.await(device);
        Outcome outcome = startWrite(20, 2, 100);
        Running.until("write is under way", () -> backing.direct.writes.get() == 1);
        assertThat(file.sizeBytes()).isEqualTo(position(20));
        write(30, 1, 0); // somebody else grows it beyond
        device.countDown();
        outcome.get();
        assertThat(file.sizeBytes()).isEqualTo(position(31));
    }

    @Test
    void shouldNotCutOffAtASyncWhatADirectWriteHasPutBehindTheEnd() throws Exception {
        CountDownLatch device = gate();
        backing.direct.afterWrite = position -> Running.await(device);
        Outcome outcome = startWrite(20, 2, 100);
        Running.until("bytes are in the store", () -> backing.written(21)[0] == 121);
        file.sync();
        device.countDown();
        outcome.get();
        assertThat(read(21)).isEqualTo(121);
        assertThat(file.sizeBytes()).isEqualTo(position(22));
    }

    @Test
    void shouldNotShowWhatAFailedWriteLeftBehindTheEnd() throws Exception {
        backing.direct.afterWrite =
                position -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(() -> writeDirect(20, 2, 100)).hasMessageContaining("on purpose");
        assertThat(backing.written(21)[0]).as("part of it is there").isEqualTo((byte) 121);
        assertThat(file.sizeBytes()).isEqualTo(position(20));
        backing.direct.heal();
        file.append();
        file.append();
        assertThat(read(21)).as("cut off before the file grew").isZero();
    }
}
