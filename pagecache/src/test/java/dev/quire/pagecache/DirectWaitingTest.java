package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Who waits for direct transfers, and for whom they wait; each hangs when its rule is broken. */
class DirectWaitingTest extends DirectFixture {
    private static final long PAGE = 7;

    @SuppressWarnings("NullAway.Init") // before each test
    private CountDownLatch device;

    @SuppressWarnings("NullAway.Init") // before each test
    private Outcome outcome;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(19, 1);
        return config;
    }

    /** A direct write that stays on its way until {@link #finish}. */
    private void begin(long page, long count) {
        device = gate();
        CountDownLatch now = device;
        int writes = backing.direct.writes.get();
        backing.direct.beforeWrite = position -> Running.await(now);
        outcome = startWrite(page, count, 100);
        Running.until("write is under way", () -> backing.direct.writes.get() == writes + 1);
    }

    private void finish() throws IOException {
        device.countDown();
        assertThat(outcome.get()).isPositive();
    }

    /** What waits for the range, and comes after the write. */
    private void waits(Running.Work work) throws Exception {
        begin(PAGE, 1);
        Running<Boolean> running = Running.run(work).awaitAsleep();
        assertThat(running.isDone()).isFalse();
        finish();
        running.get();
    }

    @Test
    void shouldHaveAPinWait() throws Exception {
        waits(
                () -> {
                    try (PageCursor c = file.cursor()) {
                        c.pin(PAGE);
                        assertThat(c.getLong(0)).isEqualTo(107);
                    }
                });
    }

    @Test
    void shouldHaveALatchWaitAndLoseNeitherWrite() throws Exception {
        waits(
                () -> {
                    try (PageCursor c = file.cursor()) {
                        c.write(PAGE);
                        assertThat(c.getLong(PAGE_BYTES - 8)).isEqualTo(107);
                        c.putLong(0, 1);
                        c.putLong(PAGE_BYTES - 8, 1);
                    }
                });
        assertThat(read(PAGE)).isEqualTo(1);
    }

    /** Old bytes are in the cache by then, for optimistic readers only. */
    @Test
    void shouldHaveThemWaitAlthoughThePageCameInMeanwhile() throws Exception {
        write(PAGE, 1, 0);
        begin(PAGE, 1);
        assertThat(read(PAGE)).isEqualTo(PAGE);
        List<Running<Long>> others = new ArrayList<>();
        others.add(
                Running.start(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                c.pin(PAGE);
                                return c.getLong(0);
                            }
                        }));
        others.add(
                Running.start(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                c.write(PAGE);
                                long found = c.getLong(0);
                                c.releaseClean();
                                return found;
                            }
                        }));
        for (Running<Long> other : others) {
            other.awaitAsleep();
            assertThat(other.isDone()).isFalse();
        }
        finish();
        for (Running<Long> other : others) {
            assertThat(other.get()).isEqualTo(107);
        }
    }

    @Test
    void shouldHaveACreateWait() throws Exception {
        waits(
                () -> {
                    try (PageCursor c = file.cursor()) {
                        c.create(PAGE);
                    }
                });
        assertThat(read(PAGE)).isZero();
    }

    @Test
    void shouldHaveAChannelsWritesWait() throws Exception {
        waits(
                () -> {
                    try (FileChannel channel = file.channel()) {
                        channel.write(ByteBuffer.allocate(PAGE_BYTES), position(PAGE));
                    }
                });
        assertThat(read(PAGE)).isZero();
        waits(
                () -> {
                    try (FileChannel channel = file.channel()) {
                        channel.write(ByteBuffer.allocate(8), position(PAGE));
                    }
                });
        try (PageCursor c = file.cursor()) {
            c.pin(PAGE);
            assertThat(c.getLong(PAGE_BYTES - 8)).isEqualTo(107);
        }
    }

    @Test
    void shouldHaveGrowthIntoTheRangeWait() throws Exception {
        begin(20, 2);
        List<Running<Boolean>> growers = new ArrayList<>();
        growers.add(Running.run(() -> write(20, 1, 500)));
        growers.add(
                Running.run(
                        () -> {
                            try (FileChannel channel = file.channel()) {
                                channel.write(ByteBuffer.allocate(8), position(21) + 16);
                            }
                        }));
        for (Running<Boolean> grower : growers) {
            grower.awaitAsleep();
            assertThat(grower.isDone()).isFalse();
        }
        finish();
        for (Running<Boolean> grower : growers) {
            grower.get();
        }
        assertThat(read(20)).isEqualTo(520);
        assertThat(read(21)).isEqualTo(121);
    }

    /** The file ends inside the page that is written: its last bytes are under the write. */
    @Test
    void shouldHaveAnAppendToThePageThatTheFileEndsInWait() throws Exception {
        file.truncate(position(PAGE) + 1000);
        begin(PAGE, 1);
        Running<Boolean> append =
                Running.run(
                        () -> {
                            try (FileChannel channel = file.channel()) {
                                channel.write(ByteBuffer.allocate(8), position(PAGE) + 4090);
                            }
                        });
        append.awaitAsleep();
        assertThat(append.isDone()).isFalse();
        finish();
        append.get();
        try (PageCursor c = file.cursor()) {
            c.pin(PAGE);
            assertThat(c.getLong(0)).isEqualTo(107);
        }
        assertThat(file.sizeBytes()).isEqualTo(position(PAGE) + 4098);
    }

    @Test
    void shouldRefuseRatherThanWaitWhenAsked() throws Exception {
        write(PAGE, 1, 0);
        begin(PAGE, 1);
        try (PageCursor c = file.cursor()) {
            c.read(PAGE);
            assertThat(c.upgrade()).isFalse();
            assertThat(c.tryWrite(PAGE)).isFalse();
        }
        finish();
    }

    @Test
    void shouldKeepNobodyFromOtherPages() throws Exception {
        begin(PAGE, 1);
        write(PAGE + 1, 2, 3);
        write(PAGE - 1, 1, 3);
        try (PageCursor c = file.cursor()) {
            c.pin(PAGE + 1);
        }
        finish();
    }

    /** A latch holder waits for the range, and the end of the write for nothing of his. */
    @Test
    void shouldEndAWriteThatTheHolderOfAnotherLatchWaitsFor() throws Exception {
        begin(PAGE, 1);
        Running<Boolean> holder =
                Running.run(
                        () -> {
                            try (PageCursor one = file.cursor();
                                    PageCursor two = file.cursor()) {
                                one.write(PAGE + 1);
                                two.write(PAGE);
                            }
                        });
        holder.awaitAsleep();
        finish();
        holder.get();
    }

    /**
     * He holds a page of the range, and wants another one of it: the direct write, which waits for
     * his latch, keeps no range published meanwhile.
     */
    @Test
    void shouldNotHoldUpTheHolderOfALatchThatItWaitsFor() throws Exception {
        try (PageCursor one = file.cursor();
                PageCursor two = file.cursor();
                PageCursor three = file.cursor()) {
            one.write(PAGE);
            Running<Outcome> starter = Running.start(() -> startWrite(PAGE, 2, 100));
            outcome = starter.get();
            Running<Boolean> writer = Running.run(() -> writeDirect(PAGE, 2, 200));
            writer.awaitAsleep();
            two.write(PAGE + 1);
            three.pin(PAGE + 1);
            one.release();
            two.release();
            writer.get();
            outcome.get();
        }
        assertThat(read(PAGE)).isIn(PAGE + 100, PAGE + 200);
    }

    // ---- who needs none of them

    /** S2.11. */
    @Test
    void shouldHaveTruncatePunchAndInvalidateWaitForWhatIsUnderWay() throws Exception {
        for (Running.Work work :
                List.<Running.Work>of(
                        () -> file.truncate(position(10)),
                        () -> file.punchHole(0, position(3)),
                        () -> file.invalidate(0, 3),
                        () -> {
                            try (FileChannel channel = file.channel()) {
                                channel.truncate(position(8));
                            }
                        })) {
            waits(work);
        }
    }

    /** S2.11: the bytes of a write over the cut are in the store, and cut off, not left behind. */
    @Test
    void shouldCutOffWhatADirectWritePutsThereMeanwhile() throws Exception {
        begin(PAGE, 4);
        Running<Boolean> cut = Running.run(() -> file.truncate(position(PAGE + 1))).awaitAsleep();
        Running<Boolean> next = Running.run(() -> writeDirect(1, 1, 9));
        next.awaitAsleep();
        assertThat(next.isDone()).as("kept out until the file is cut").isFalse();
        finish();
        cut.get();
        next.get();
        assertThat(file.sizeBytes()).isEqualTo(position(PAGE + 1));
        assertThat(backing.written(PAGE + 1)[0]).isZero();
        assertThat(read(PAGE)).isEqualTo(PAGE + 100);
    }

    /** S2.11: a read that is under way is waited for as well. */
    @Test
    void shouldHaveTruncateWaitForADirectRead() throws Exception {
        CountDownLatch gate = gate();
        backing.direct.beforeRead = position -> Running.await(gate);
        Outcome read = new Outcome();
        file.readDirect(memory(PAGE_BYTES), position(PAGE), read);
        Running.until("read is under way", () -> backing.direct.reads.get() == 1);
        Running<Boolean> cut = Running.run(() -> file.truncate(0)).awaitAsleep();
        assertThat(cut.isDone()).isFalse();
        gate.countDown();
        assertThat(read.get()).isEqualTo(PAGE_BYTES);
        cut.get();
    }

    /** A sync has to extend the store, and must not cut what is on its way behind that. */
    @Test
    void shouldHaveASyncThatExtendsTheStoreWaitForWritesBeyondTheEnd() throws Exception {
        file.append();
        file.append();
        device = gate();
        backing.direct.beforeWrite = position -> Running.await(device);
        outcome = startWrite(22, 1, 100);
        Running.until("write is under way", () -> backing.direct.writes.get() == 1);
        Running<Boolean> sync = Running.run(file::sync).awaitAsleep();
        finish();
        sync.get();
        assertThat(backing.durableSize()).isGreaterThanOrEqualTo(position(22));
        assertThat(read(22)).isEqualTo(122);
    }

    /** S2.11: what a cut takes may be much to keep for a snapshot. */
    @Test
    void shouldLetTransfersOnWhileACutOrAPunchKeepsPagesForASnapshot() throws Exception {
        for (Running.Work cut :
                List.<Running.Work>of(
                        () -> file.punchHole(position(12), 4 * PAGE_BYTES),
                        () -> file.truncate(position(10)))) {
            CountDownLatch kept = gate();
            backing.beforeRead = page -> Running.await(kept);
            try (FileSnapshot snapshot = file.snapshot()) {
                Running<Boolean> cutting = Running.run(cut).awaitInside("keepUnlatched");
                Outcome read = new Outcome();
                assertThat(
                                file.tryReadDirect(
                                        memory(PAGE_BYTES), 0, read, Thread::startVirtualThread))
                        .isTrue();
                assertThat(read.get()).isEqualTo(PAGE_BYTES);
                kept.countDown();
                cutting.get();
                try (SnapshotCursor c = snapshot.cursor()) {
                    c.read(13);
                    assertThat(snapshot.sizePages()).isEqualTo(20);
                }
            }
        }
    }

    // ---- close

    /** S2.13. */
    @Test
    void shouldDeliverEveryCompletionBeforeTheCloseReturns() throws Exception {
        begin(PAGE, 2);
        Outcome late = startWrite(PAGE, 2, 300); // not before the first is over
        Outcome read = new Outcome();
        file.readDirect(memory(PAGE_BYTES), position(1), read);
        Running<Boolean> close = Running.run(file::close).awaitAsleep();
        assertThat(close.isDone()).isFalse();
        device.countDown();
        close.get();
        for (Outcome each : List.of(outcome, late, read)) {
            assertThat(each.reports).hasValue(1);
        }
        assertThat(outcome.get()).isEqualTo(2 * PAGE_BYTES);
        assertThatThrownBy(() -> file.writeDirect(memory(512), 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    /** S2.13. */
    @Test
    void shouldRefuseACloseInACompletionThatItWouldWaitFor() throws Exception {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Outcome told = new Outcome();
        file.writeDirect(
                pages(1, 1, 1),
                position(1),
                (bytes, failure) -> {
                    try {
                        file.close();
                    } catch (IOException | RuntimeException e) {
                        thrown.set(e);
                    }
                    told.complete(bytes, failure);
                });
        told.get();
        assertThat(thrown.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this thread runs one");
        assertThat(file.sizeBytes()).isPositive();
        MemorySegment memory = memory(512);
        assertThat(file.readDirect(memory, 0)).isEqualTo(512);
    }

    /** S2.13: who closes the file holds its lock, and waits for this very completion. */
    @Test
    void shouldRefuseACloseInACompletionThatAnotherCloseWaitsFor() throws Exception {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        CountDownLatch closing = gate();
        Outcome told = new Outcome();
        file.writeDirect(
                pages(1, 1, 1),
                position(1),
                (bytes, failure) -> {
                    try {
                        closing.await();
                        file.close();
                    } catch (InterruptedException | IOException | RuntimeException e) {
                        thrown.set(e);
                    }
                    told.complete(bytes, failure);
                });
        Running<Boolean> close = Running.run(file::close).awaitInside("awaitNone");
        closing.countDown();
        assertThat(told.get()).isEqualTo(PAGE_BYTES);
        assertThat(thrown.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this thread runs one");
        close.get();
    }

    /** S2.13. */
    @Test
    void shouldRefuseToCloseTheCacheInACompletion() throws Exception {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Outcome told = new Outcome();
        file.writeDirect(
                pages(1, 1, 1),
                position(1),
                (bytes, failure) -> {
                    try {
                        cache.close();
                    } catch (IOException | RuntimeException e) {
                        thrown.set(e);
                    }
                    told.complete(bytes, failure);
                });
        told.get();
        assertThat(thrown.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this thread runs one");
        assertThat(readDirect(1)).as("nothing is closed").isEqualTo(2);
    }
}
