package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.pagecache.backing.PageReadException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** How pages come in, and what is left when they do not. */
class FaultTest extends CacheFixture {
    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < 8; page++) {
            backing.put(page, (int) page + 1);
        }
        return config.stallMax(Duration.ofMillis(400));
    }

    private static long word(int page) {
        return (page + 1) * 0x0101_0101_0101_0101L;
    }

    @Test
    void shouldReadAPageOnceForAllThreadsThatWantIt() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        List<Running<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            readers.add(Running.start(() -> read(3)).awaitAsleep());
        }
        assertThat(backing.readsOf(3)).isEqualTo(1);
        go.countDown();
        for (Running<Long> reader : readers) {
            assertThat(reader.get()).isEqualTo(word(3));
        }
        assertThat(backing.readsOf(3)).isEqualTo(1);
        assertThat(cache.stats().faults()).isEqualTo(1);
    }

    // S4.7: freePage runs for a page that never became up to date.
    @Test
    void shouldSayWhichPageCannotBeReadAndLeaveNothingBehind() throws Exception {
        IOException cause = new IOException("cable pulled");
        backing.beforeRead =
                page -> {
                    throw cause;
                };
        PageReadException thrown = catchThrowableOfType(PageReadException.class, () -> read(5));
        assertThat(thrown)
                .hasMessageContaining("store")
                .hasMessageContaining("page=5")
                .hasMessageContaining("cable pulled")
                .hasCause(cause);
        assertThat(thrown.page()).isEqualTo(5);
        assertThat(thrown.file()).isEqualTo("store");
        assertNothingLeft(5);
        assertThat(cache.stats().readErrors()).isEqualTo(1);

        backing.heal();
        assertThat(read(5)).isEqualTo(word(5));
        assertThat(backing.freed(5)).isEqualTo(1);
    }

    private void assertNothingLeft(long page) {
        assertThat(cached(page)).isFalse();
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(cache.stats().freeFrames()).isEqualTo(FRAMES);
        assertThat(backing.freed(page)).isEqualTo(1);
        assertThat(file.space().translation().find(page)).as("its chunk").isNull();
        cache.verify();
    }

    @Test
    void shouldLeaveNothingBehindWhateverTheStoreThrows() {
        backing.beforeRead =
                page -> {
                    throw new UnsupportedOperationException("page " + page);
                };
        assertThatThrownBy(() -> read(1)).isInstanceOf(UnsupportedOperationException.class);
        assertNothingLeft(1);
        backing.beforeRead =
                page -> {
                    throw new OutOfMemoryError("not really");
                };
        assertThatThrownBy(() -> read(2)).isInstanceOf(OutOfMemoryError.class);
        assertNothingLeft(2);
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> c.write(3)).isInstanceOf(OutOfMemoryError.class);
            assertThatThrownBy(() -> c.pin(3)).isInstanceOf(OutOfMemoryError.class);
            backing.heal();
            c.write(3);
            assertThat(c.getLong(0)).isEqualTo(word(3));
            c.releaseClean();
        }
    }

    @Test
    void shouldLetTheNextReaderTryWhenAFillThatItWaitedForFails() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead =
                page -> {
                    Running.await(go);
                    if (backing.readsOf(page) == 1) {
                        throw new IOException("the first time only");
                    }
                };
        Running<Long> first = Running.start(() -> read(2)).awaitAsleep();
        Running<Long> second = Running.start(() -> read(2)).awaitAsleep();
        go.countDown();
        assertThatThrownBy(first::get).hasCauseInstanceOf(PageReadException.class);
        assertThat(second.get()).isEqualTo(word(2));
        assertThat(backing.freed(2)).isEqualTo(1);
    }

    @Test
    void shouldReadZerosBehindTheEndOfTheContent() throws Exception {
        file.truncate(2 * PAGE_BYTES + 100);
        evictAll();
        try (PageCursor c = file.cursor()) {
            c.pin(2);
            assertThat(c.getByte(99)).isEqualTo((byte) 3);
            for (int offset = 100; offset < PAGE_BYTES; offset++) {
                assertThat(c.getByte(offset)).isZero();
            }
            assertThatThrownBy(() -> read(3)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void shouldReadZerosWhereTheStoreIsShorterThanTheFile() {
        long page = file.append();
        assertThat(page).isEqualTo(8);
        assertThat(read(8)).isZero();
        assertThat(file.sizeBytes()).isEqualTo(9 * PAGE_BYTES);
    }

    /** The fill is in its slot when truncate comes by, and is waited for. */
    @Test
    void shouldNotBringBackAPageThatIsCutWhileItIsRead() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch go = gate();
        backing.beforeRead =
                page -> {
                    reading.countDown();
                    Running.await(go);
                };
        Running<Long> reader = Running.start(() -> read(6));
        Running.await(reading);
        Running<Boolean> truncate = Running.run(() -> file.truncate(PAGE_BYTES)).awaitAsleep();
        assertThat(truncate.isDone()).isFalse();
        assertThat(file.sizePages()).as("the size changes first").isEqualTo(1);
        go.countDown();
        truncate.get();
        try {
            assertThat(reader.get()).isIn(word(6), 0L);
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThat(cached(6)).isFalse();
        assertThat(backing.freed(6)).isEqualTo(1);
        file.truncate(8 * PAGE_BYTES);
        assertThat(read(6)).isZero();
    }

    @Test
    void shouldSayHowManyFramesThereAreWhenAllArePinned() throws Exception {
        file.truncate(2L * FRAMES * PAGE_BYTES);
        OutOfFramesException thrown;
        try (Pins pins = pinAll(file)) {
            thrown = pins.end();
            int pinned = pins.cursors().size() - 1;
            assertThat(thrown)
                    .hasMessageContaining("capacityFrames=" + FRAMES)
                    .hasMessageContaining("freeFrames=" + (FRAMES - pinned));
            long before = cache.stats().cachedPages();
            try (PageCursor c = file.cursor()) {
                assertThatThrownBy(() -> c.read(100)).isInstanceOf(OutOfFramesException.class);
                assertThatThrownBy(() -> c.write(100)).isInstanceOf(OutOfFramesException.class);
                assertThatThrownBy(() -> c.create(100)).isInstanceOf(OutOfFramesException.class);
                assertThatThrownBy(() -> c.write(500)).isInstanceOf(OutOfFramesException.class);
            }
            assertThat(file.sizePages()).isEqualTo(2L * FRAMES);
            assertThat(cache.stats().cachedPages()).isEqualTo(before);
            cache.verify();
            pins.cursors().get(0).close();
            assertThat(read(100)).isZero();
        }
        assertThat(read(7)).isEqualTo(word(7));
    }

    /**
     * The store hangs in a write: who needs a frame fails after about stallMax, not 16 times it.
     */
    @Test
    void shouldNotWaitMuchLongerThanStallMaxForAFrame() throws Exception {
        file.truncate(2L * FRAMES * PAGE_BYTES);
        CountDownLatch go = gate();
        CountDownLatch writing = new CountDownLatch(1);
        write(0, 1, 0);
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        long start = System.nanoTime();
        try (Pins pins = pinAll(file)) {
            assertThat(pins.end()).isNotNull();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        go.countDown();
        sync.get();
    }

    @Test
    void shouldLeaveNoTraceOfAPageForWhichThereIsNoFrame() throws Exception {
        file.truncate(2000L * PAGE_BYTES);
        try (Pins pins = pinAll(file);
                PageCursor c = file.cursor()) {
            assertThat(pins.cursors()).isNotEmpty();
            assertThatThrownBy(() -> c.read(1000)).isInstanceOf(OutOfFramesException.class);
            assertThatThrownBy(() -> c.pin(1000)).isInstanceOf(OutOfFramesException.class);
            assertThatThrownBy(() -> c.write(1000)).isInstanceOf(OutOfFramesException.class);
            assertThatThrownBy(() -> c.create(1000)).isInstanceOf(OutOfFramesException.class);
            file.prefetch(1000);
            assertThat(file.space().translation().find(1000)).as("its chunk").isNull();
        }
    }
}
