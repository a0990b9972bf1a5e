package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Readers, pins and writers of one page at a time. */
@SuppressWarnings("try") // closes what it closes on purpose
class CursorContentionTest extends CacheFixture {
    private static final int ROUNDS = 20_000;

    /** Stores the value into every line of the page, first line first. */
    private static void stamp(PageCursor c, long value) {
        for (int offset = 0; offset < PAGE_BYTES; offset += 64) {
            c.putLong(offset, value);
        }
    }

    private Running<Boolean> writeUntil(AtomicBoolean done, long page) {
        return Running.run(
                () -> {
                    try (PageCursor c = file.cursor()) {
                        for (long value = 1; !done.get(); value++) {
                            c.write(page);
                            stamp(c, value);
                            c.release();
                        }
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNeverAnswerATornValue(boolean pinned) throws Exception {
        write(0, 1, 0);
        AtomicBoolean done = new AtomicBoolean();
        Running<Boolean> writer = writeUntil(done, 0);
        try (PageCursor c = file.cursor()) {
            long[] seen = new long[PAGE_BYTES / 64];
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1); // on a busy machine
            for (int round = 0; round < ROUNDS && System.nanoTime() - end < 0; round++) {
                if (pinned) {
                    c.pin(0);
                }
                do {
                    if (!pinned) {
                        c.read(0);
                    }
                    for (int i = seen.length - 1; i >= 0; i--) {
                        seen[i] = c.getLong(i * 64);
                    }
                } while (c.retry());
                for (long value : seen) {
                    assertThat(value).as("round %s", round).isEqualTo(seen[0]);
                }
                if (pinned) {
                    c.release();
                }
            }
        } finally {
            done.set(true);
        }
        writer.get();
    }

    @Test
    void shouldNotValidateAPinnedReadOfAPageThatIsHalfWritten() throws Exception {
        write(0, 1, 0);
        try (PageCursor writer = file.cursor()) {
            writer.write(0);
            writer.putLong(0, 1);
            Running<long[]> reader = Running.start(this::readPinned).awaitAsleep();
            writer.putLong(PAGE_BYTES - 8, 1);
            writer.release();
            assertThat(reader.get()).containsExactly(1, 1);
        }
    }

    private long[] readPinned() {
        try (PageCursor c = file.cursor()) {
            c.pin(0);
            long[] seen = new long[2];
            do {
                seen[0] = c.getLong(0);
                seen[1] = c.getLong(PAGE_BYTES - 8);
            } while (c.retry());
            return seen;
        }
    }

    // "Nobody starves": after 8 failed rounds a reader locks writers out.
    @Test
    void shouldLockWritersOutWhenAReaderStarves() {
        write(0, 1, 0);
        try (PageCursor reader = file.cursor();
                PageCursor writer = file.cursor()) {
            for (int round = 0; round < 8; round++) {
                reader.read(0);
                rewrite(writer, round);
                assertThat(reader.retry()).isTrue();
            }
            reader.read(0);
            assertThat(writer.tryWrite(0)).as("writers are locked out").isFalse();
            assertThat(reader.getLong(0)).isEqualTo(7);
            assertThat(reader.retry()).isFalse();
            assertThat(cache.stats().starvedReads()).isEqualTo(1);
            rewrite(writer, 8);
            reader.read(0);
            assertThat(reader.getLong(0)).isEqualTo(8);
            assertThat(reader.retry()).isFalse();
        }
    }

    private static void rewrite(PageCursor writer, long value) {
        assertThat(writer.tryWrite(0)).isTrue();
        writer.putLong(0, value);
        writer.release();
    }

    private void starve(PageCursor reader, PageCursor writer) {
        for (int round = 0; round < 8; round++) {
            reader.read(0);
            rewrite(writer, round);
            assertThat(reader.retry()).isTrue();
        }
        reader.read(0);
        assertThat(writer.tryWrite(0)).isFalse();
    }

    @Test
    void shouldNoticeWritesAfterTheReadThatLockedThemOut() {
        write(0, 1, 0);
        try (PageCursor reader = file.cursor();
                PageCursor writer = file.cursor()) {
            starve(reader, writer);
            assertThat(reader.retry()).isFalse();
            rewrite(writer, 100);
            assertThat(reader.retry()).as("written since the last call").isTrue();
        }
    }

    @Test
    void shouldLetWritersInWhenAStarvedReaderGoesElsewhere() {
        write(0, 2, 0);
        try (PageCursor writer = file.cursor()) {
            try (PageCursor reader = file.cursor()) {
                starve(reader, writer);
                reader.read(1);
                rewrite(writer, 1);
                starve(reader, writer);
            }
            rewrite(writer, 2);
        }
    }

    /** Each round the reader finds the page latched, waits, reads, and is overtaken again. */
    @Test
    void shouldNotStarveAReaderThatFindsThePageLatchedEachTime() throws Exception {
        write(0, 1, 0);
        try (ExecutorService thread = Executors.newSingleThreadExecutor();
                PageCursor writer = file.cursor()) {
            PageCursor reader = file.cursor();
            boolean lockedOut = false;
            for (int round = 0; round < 20 && !lockedOut; round++) {
                writer.write(0);
                CountDownLatch started = new CountDownLatch(1);
                Future<?> read =
                        thread.submit(
                                () -> {
                                    started.countDown();
                                    reader.read(0);
                                });
                Running.await(started);
                Running.until("reader waits", this::somebodyWaits);
                writer.release();
                read.get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
                lockedOut = !writer.tryWrite(0);
                if (!lockedOut) {
                    writer.release();
                }
                Future<Boolean> retry = thread.submit((Callable<Boolean>) reader::retry);
                assertThat(retry.get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS))
                        .isEqualTo(!lockedOut);
            }
            thread.submit(reader::close).get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
            assertThat(lockedOut).isTrue();
        }
    }

    private boolean somebodyWaits() {
        int frame = dev.quire.pagecache.space.Slot.frame(slot(0));
        return dev.quire.allocator.frame.FrameState.any(
                cache.context().frames().word(frame), dev.quire.allocator.frame.FrameState.WAITERS);
    }

    @Test
    void shouldKeepAPinnedPageWhileEverythingElseIsSwept() throws Exception {
        write(0, 400, 0);
        file.sync();
        try (PageCursor pin = file.cursor()) {
            pin.pin(7);
            MemorySegment memory = pin.segment();
            int reads = backing.readsOf(7);
            for (int sweep = 0; sweep < 3; sweep++) {
                sweep(8, 400);
                assertThat(memory.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(7);
            }
            assertThat(cached(7)).isTrue();
            assertThat(pin.detached()).isFalse();
            assertThat(pin.retry()).isFalse();
            assertThat(backing.readsOf(7)).isEqualTo(reads);
            pin.release();
        }
        assertThat(cache.stats().evictions()).isPositive();
    }

    // S4.6: the bytes stay until the last reference, which frees the frame once.
    @Test
    void shouldKeepTheBytesOfAPinnedPageThatIsTruncatedAway() throws Exception {
        write(0, 3, 50);
        file.sync();
        long free = cache.stats().freeFrames();
        try (PageCursor one = file.cursor();
                PageCursor two = file.cursor()) {
            one.pin(2);
            two.pin(2);
            file.truncate(2 * PAGE_BYTES);
            assertThat(one.detached()).isTrue();
            assertThat(backing.freed(2)).isEqualTo(1);
            assertThat(one.getLong(0)).isEqualTo(52);
            one.retry();
            assertThat(one.getLong(0)).isEqualTo(52);
            assertThat(one.retry()).isFalse();
            assertThat(cache.stats().freeFrames()).isEqualTo(free);
            // The same page again, elsewhere: the detached one is not touched.
            write(2, 1, 1000);
            assertThat(one.getLong(0)).isEqualTo(52);
            assertThat(one.detached()).isTrue();
            one.release();
            assertThat(cache.stats().freeFrames()).isEqualTo(free - 1);
            assertThat(two.getLong(PAGE_BYTES - 8)).isEqualTo(52);
            two.release();
            assertThat(cache.stats().freeFrames()).isEqualTo(free);
        }
        assertThat(backing.freed(2)).isEqualTo(1);
        assertThat(read(2)).isEqualTo(1002);
    }

    // S3.4: a pin through a stale slot is refused; the lookup starts again.
    @Test
    void shouldPinOnlyThePageItWasAskedFor() throws Exception {
        write(0, 300, 0);
        file.sync();
        List<Running<Boolean>> threads =
                List.of(Running.run(() -> pinMany(1)), Running.run(() -> pinMany(2)));
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        assertThat(cache.stats().evictions()).isPositive();
    }

    private void pinMany(long seed) {
        java.util.Random random = new java.util.Random(seed);
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < ROUNDS; i++) {
                long page = random.nextInt(300);
                c.pin(page);
                assertThat(c.getLong(0)).isEqualTo(page);
                assertThat(c.detached()).isFalse();
                c.release();
            }
        }
    }

    private static void roundsInVain(int count, PageCursor reader, PageCursor writer) {
        for (int round = 0; round < count; round++) {
            reader.read(0);
            rewrite(writer, round);
            assertThat(reader.retry()).isTrue();
        }
    }

    @Test
    void shouldUpgradeAStarvedRead() {
        write(0, 1, 0);
        try (PageCursor reader = file.cursor();
                PageCursor writer = file.cursor()) {
            roundsInVain(CursorPosition.ROUNDS_MAX, reader, writer);
            reader.read(0);
            assertThat(cache.stats().starvedReads()).isEqualTo(1);
            assertThat(reader.getLong(0)).isEqualTo(7);
            assertThat(reader.upgrade()).isTrue();
            reader.release();
        }
    }

    @Test
    void shouldUpgradeAStarvedPin() {
        write(0, 1, 0);
        try (PageCursor reader = file.cursor();
                PageCursor writer = file.cursor()) {
            reader.pin(0);
            for (int round = 0; round < CursorPosition.ROUNDS_MAX; round++) {
                rewrite(writer, round);
                assertThat(reader.retry()).isTrue();
            }
            assertThat(cache.stats().starvedReads()).isEqualTo(1);
            assertThat(reader.getLong(0)).isEqualTo(7);
            assertThat(reader.upgrade()).isTrue();
            reader.release();
        }
    }

    /** In a scope it is the scope that locks writers out, and lets them in again. */
    @Test
    void shouldKeepNobodyOutAfterAScopeThatWasGivenAStarvedCursor() {
        write(0, 2, 0);
        try (PageCursor reader = file.cursor();
                PageCursor writer = file.cursor();
                ReadScope scope = file.readScope()) {
            roundsInVain(CursorPosition.ROUNDS_MAX, reader, writer);
            scope.read(reader, 0);
            assertThat(scope.retry()).isFalse();
            assertThat(writer.tryWrite(0)).isTrue();
            writer.release();
        }
    }

    @Test
    void shouldStarveOnlyByRoundsThatFollowEachOther() {
        write(0, 1, 0);
        try (PageCursor reader = file.cursor();
                PageCursor writer = file.cursor()) {
            for (int i = 0; i < 3; i++) {
                roundsInVain(CursorPosition.ROUNDS_MAX - 1, reader, writer);
                reader.read(0);
                assertThat(reader.retry()).isFalse();
            }
            assertThat(cache.stats().starvedReads()).isZero();
        }
    }
}
