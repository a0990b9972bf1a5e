package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.ReadCompletion;
import dev.quire.pagecache.space.Translation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Growing, cutting, and what is at and beyond the end. */
class SizeTest extends CacheFixture {
    @Test
    void shouldGrowByAWriteBeyondTheEndAndReadTheHoleAsZeros() throws Exception {
        write(0, 1, 5);
        write(600, 1, 5);
        assertThat(file.sizePages()).isEqualTo(601);
        assertThat(file.sizeBytes()).isEqualTo(601L * PAGE_BYTES);
        assertThat(read(300)).isZero();
        assertThat(read(0)).isEqualTo(5);
        file.sync();
        assertThat(backing.sizeBytes()).isEqualTo(601L * PAGE_BYTES);
        evictAll();
        assertThat(read(600)).isEqualTo(605);
        assertThat(read(599)).isZero();
    }

    @Test
    void shouldGiveEveryAppendAPageOfItsOwn() throws Exception {
        Set<Long> pages = new ConcurrentSkipListSet<>();
        List<Running<Boolean>> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(
                    Running.run(
                            () -> {
                                for (int n = 0; n < 2000; n++) {
                                    assertThat(pages.add(file.append())).isTrue();
                                }
                            }));
        }
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        assertThat(pages).hasSize(6000);
        assertThat(file.sizePages()).isEqualTo(6000);
        file.sync();
        assertThat(backing.sizeBytes()).isEqualTo(6000L * PAGE_BYTES);
    }

    @Test
    void shouldDropWhatIsCutAndReadZerosWhenExtendedAgain() throws Exception {
        write(0, 10, 5);
        file.truncate(4L * PAGE_BYTES);
        assertThat(cache.stats().dirtyPages()).isEqualTo(4);
        assertThatThrownBy(() -> read(4)).isInstanceOf(IndexOutOfBoundsException.class);
        file.truncate(10L * PAGE_BYTES);
        assertThat(read(9)).isZero();
        assertThat(read(3)).isEqualTo(8);
        file.truncate(0);
        assertThat(file.sizePages()).isZero();
        assertThat(cache.stats().cachedPages()).isZero();
        assertThatThrownBy(() -> file.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseASizeThatNoPageNumberReaches() {
        assertThatThrownBy(() -> file.truncate(Long.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes=" + Long.MAX_VALUE);
        assertThat(file.sizeBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldZeroTheTailOfAPageThatIsCutInside(boolean synced) throws Exception {
        write(0, 1, 0);
        try (PageCursor c = file.cursor()) {
            c.write(1);
            c.segment().fill((byte) 7);
            c.release();
        }
        if (synced) {
            file.sync();
        }
        file.truncate(PAGE_BYTES + 100);
        assertThat(file.sizePages()).isEqualTo(2);
        assertTail(100);
        file.truncate(3L * PAGE_BYTES);
        assertTail(100);
        file.sync();
        evictAll();
        assertThat(cached(1)).isFalse();
        assertTail(100);
    }

    private void assertTail(int from) {
        try (PageCursor c = file.cursor()) {
            c.pin(1);
            assertThat(c.getByte(from - 1)).isEqualTo((byte) 7);
            for (int offset = from; offset < PAGE_BYTES; offset++) {
                assertThat(c.getByte(offset)).as("offset %s", offset).isZero();
            }
        }
    }

    /** The way that a cursor takes to a page it has been at before. */
    @Test
    void shouldGrowToTheEndOfAPageThatIsCutBeforeItsWriterComesBack() throws Exception {
        try (PageCursor c = file.cursor()) {
            c.write(1);
            c.putByte(PAGE_BYTES - 1, (byte) 9);
            c.release();
            file.truncate(PAGE_BYTES + 100);
            c.write(1);
            assertThat(c.getByte(PAGE_BYTES - 1)).isZero();
            c.release();
        }
        assertThat(file.sizeBytes()).isEqualTo(2 * PAGE_BYTES);
    }

    @Test
    void shouldGrowToTheEndOfAPageThatTheFileEndsIn() throws Exception {
        file.truncate(100);
        assertThat(file.sizePages()).isEqualTo(1);
        assertThat(read(0)).isZero();
        write(0, 1, 3);
        assertThat(file.sizeBytes()).isEqualTo(PAGE_BYTES);
        file.truncate(100);
        try (PageCursor c = file.cursor()) {
            assertThat(c.tryWrite(0)).as("would have to grow").isFalse();
            c.create(0);
            c.release();
        }
        assertThat(file.sizeBytes()).isEqualTo(PAGE_BYTES);
        assertThat(read(0)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, PAGE_BYTES - 1, PAGE_BYTES, 5 * PAGE_BYTES + 17})
    void shouldReopenWithTheSameSizeAndBytes(long bytes) throws Exception {
        write(0, 8, 5);
        file.truncate(bytes);
        file.close();
        assertThat(backing.sizeBytes()).isEqualTo(bytes);
        file = cache.map("again", backing);
        assertThat(file.sizeBytes()).isEqualTo(bytes);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            assertThat(c.getByte(0)).isEqualTo((byte) 5);
        }
    }

    /**
     * A write of the page that the file is cut in: either it came before, and its tail is zeroed,
     * or after, and the file has grown. Never are its bytes there but beyond the end, to come up
     * when the file grows.
     */
    @Test
    void shouldNotLeaveBytesBehindTheEndWhenAWriteRacesWithACut() throws Exception {
        for (int round = 0; round < 3_000; round++) {
            write(0, 2, 0);
            CountDownLatch start = new CountDownLatch(1);
            Running<Boolean> writer =
                    Running.run(
                            () -> {
                                try (PageCursor c = file.cursor()) {
                                    start.countDown();
                                    for (int i = 0; i < 20; i++) {
                                        if (c.tryWrite(1)) {
                                            c.putByte(PAGE_BYTES - 1, (byte) 9);
                                            c.release();
                                        }
                                    }
                                }
                            });
            Running.await(start);
            file.truncate(PAGE_BYTES + 100);
            writer.get();
            assertThat(file.sizeBytes()).isEqualTo(PAGE_BYTES + 100);
            try (PageCursor c = file.cursor()) {
                c.pin(1);
                assertThat(c.getByte(PAGE_BYTES - 1)).as("round %s", round).isZero();
            }
        }
    }

    /**
     * A cut waits for latches, and growth waits for the cut: who does both would wait for himself.
     * Growth of others waits, and goes on when the cut is over.
     */
    @Test
    void shouldRefuseToGrowWithALatchWhileACutMayWaitForIt() throws Exception {
        write(0, 10, 0);
        Running<Boolean> truncate;
        Running<Long> append;
        try (PageCursor c = file.cursor();
                PageCursor other = file.cursor()) {
            c.write(5);
            truncate = Running.run(() -> file.truncate(2L * PAGE_BYTES)).awaitAsleep();
            append = Running.start(file::append).awaitAsleep();
            long free = cache.stats().freeFrames();
            for (Consumer<PageCursor> growth :
                    List.<Consumer<PageCursor>>of(
                            x -> x.write(100), x -> x.create(100), x -> file.append())) {
                assertThatThrownBy(() -> growth.accept(other))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("truncate");
            }
            assertThat(cache.stats().freeFrames()).isEqualTo(free);
            assertThat(truncate.isDone() || append.isDone()).isFalse();
            c.release();
        }
        truncate.get();
        assertThat(append.get()).isEqualTo(2);
        assertThat(file.sizePages()).isEqualTo(3);
        write(100, 1, 0);
    }

    @Test
    void shouldSayWhenTheStoreCannotBeCut() throws Exception {
        write(0, 4, 0);
        file.sync();
        backing.beforeTruncate =
                size -> {
                    throw new IOException("read-only medium");
                };
        assertThatThrownBy(() -> file.truncate(PAGE_BYTES)).hasMessageContaining("medium");
        backing.heal();
        file.sync();
        assertThat(backing.sizeBytes()).isEqualTo(file.sizeBytes());
    }

    // What was cut may not come back from the store, whose own cut failed.
    @Test
    void shouldNotBringBackWhatWasCutWhenTheStoreCouldNotBeCut() throws Exception {
        write(0, 4, 1);
        file.sync();
        backing.beforeTruncate =
                size -> {
                    throw new IOException("not now");
                };
        assertThatThrownBy(() -> file.truncate(PAGE_BYTES)).hasMessageContaining("not now");
        backing.heal();
        long size = file.sizePages();
        file.truncate(4L * PAGE_BYTES);
        long expected = size == 4 ? 4 : 0; // unchanged, or as cut
        assertThat(read(3)).isEqualTo(expected);
        file.sync();
        evictAll();
        assertThat(read(3)).isEqualTo(expected);
    }

    @Test
    void shouldNotGrowOverWhatTheStoreCouldNotCut() throws Exception {
        write(0, 4, 1);
        file.sync();
        backing.beforeTruncate =
                size -> {
                    throw new IOException("not now");
                };
        assertThatThrownBy(() -> file.truncate(PAGE_BYTES)).hasMessageContaining("not now");
        assertThatThrownBy(() -> write(3, 1, 9)).hasMessageContaining("not now");
        assertThatThrownBy(file::append).hasMessageContaining("not now");
        assertThat(file.sizePages()).isEqualTo(1);
        cache.verify();
        backing.heal();
        write(3, 1, 9);
        file.sync();
        evictAll();
        assertThat(read(2)).isZero();
        assertThat(read(3)).isEqualTo(12);
    }

    @Test
    void shouldKeepModelAndStoreTogetherOverRandomSizes() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("SizeTest -Dseed=" + seed);
        Random random = new Random(seed);
        byte[] model = new byte[0];
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 400; i++) {
                int bytes = random.nextInt(40 * PAGE_BYTES);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        file.truncate(bytes);
                        model = java.util.Arrays.copyOf(model, bytes);
                    }
                    case 1 -> file.sync();
                    default -> {
                        int page = bytes / PAGE_BYTES;
                        c.write(page);
                        c.putByte(bytes % PAGE_BYTES, (byte) i);
                        c.release();
                        int end = Math.max(model.length, (page + 1) * PAGE_BYTES);
                        model = java.util.Arrays.copyOf(model, end);
                        model[bytes] = (byte) i;
                    }
                }
                assertThat(file.sizeBytes()).isEqualTo(model.length);
            }
            for (int page = 0; page < file.sizePages(); page++) {
                c.pin(page);
                for (int at = page * PAGE_BYTES, o = 0; o < PAGE_BYTES; o++, at++) {
                    assertThat(c.getByte(o)).isEqualTo(at < model.length ? model[at] : 0);
                }
                c.release();
            }
        }
    }

    // The fill comes after the cut has zeroed the cached tail, and before the store is cut.
    @Test
    void shouldNotBringBackTheTailOfAPageThatIsReadBetweenTheCutOfTheCacheAndOfTheStore()
            throws Exception {
        write(0, 2, 0x55);
        file.sync();
        file.invalidate(0, 2);
        AtomicReference<ReadCompletion> underWay = new AtomicReference<>();
        backing.onReadPages =
                (first, pages, count, completion) -> {
                    pages[0].fill((byte) 0x55); // what the store has before it is cut
                    underWay.set(completion);
                    return true;
                };
        CountDownLatch cached = new CountDownLatch(1);
        backing.beforeTruncate =
                size -> {
                    try {
                        Running.run(() -> file.readAsync(1, (page, e) -> cached.countDown())).get();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                };
        file.truncate(PAGE_BYTES + 100L);
        backing.heal();
        file.truncate(2L * PAGE_BYTES);
        Running.until("the read", () -> underWay.get() != null);
        underWay.get().complete(PAGE_BYTES, null);
        Running.await(cached);
        try (PageCursor c = file.cursor()) {
            c.pin(1);
            assertThat(c.getByte(99)).isEqualTo((byte) 0x55);
            assertThat(c.getByte(100)).isZero();
            assertThat(c.getByte(PAGE_BYTES - 1)).isZero();
        }
    }

    @Test
    void shouldNotAppendAPageThatNobodyCanWrite() throws Exception {
        file.truncate((Translation.PAGES_MAX - 1) * PAGE_BYTES);
        long last = file.append();
        write(last, 1, 5);
        assertThat(read(last)).isEqualTo(last + 5);
        assertThatThrownBy(file::append)
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("page=" + Translation.PAGES_MAX);
        assertThat(file.sizePages()).isEqualTo(Translation.PAGES_MAX);
        file.truncate(0);
    }

    /** The file is long enough, says create; then it wants a frame, and the file is cut. */
    @Test
    void shouldKeepWhatIsCreatedInAPageThatIsCutMeanwhile() throws Exception {
        file.truncate(10L * PAGE_BYTES);
        PageCursor kept = file.cursor();
        kept.pin(0); // its chunk stays, and its frame is not the one that is found
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = gate();
        AtomicReference<Thread> creator = new AtomicReference<>();
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.truncate(40L * PAGE_BYTES);
        store.mayRelease =
                page -> {
                    boolean mine = Thread.currentThread().equals(creator.get());
                    if (mine) {
                        asked.countDown();
                        Running.await(go);
                    }
                    return mine;
                };
        PagedFile filler = cache.map("filler", store);
        try (PageCursor c = filler.cursor()) {
            for (long page = 0; page < 40; page++) {
                c.read(page); // what the create has to reclaim
            }
        }
        PageAllocator allocator = cache.context().allocator();
        List<Integer> others = new ArrayList<>();
        for (int frame = allocator.tryAllocate(0);
                frame != PageAllocator.NO_FRAME;
                frame = allocator.tryAllocate(0)) {
            others.add(frame);
        }
        try (PageCursor c = file.cursor()) {
            Running<Boolean> create =
                    Running.run(
                            () -> {
                                creator.set(Thread.currentThread());
                                c.create(5);
                                c.putLong(PAGE_BYTES - 8, 42);
                                c.release();
                            });
            Running.await(asked);
            file.truncate(5L * PAGE_BYTES + 100);
            go.countDown();
            create.get();
        } finally {
            others.forEach(allocator::put);
            kept.close();
        }
        filler.close();
        assertThat(file.sizeBytes()).isEqualTo(6L * PAGE_BYTES);
        file.sync();
        evictAll();
        try (PageCursor c = file.cursor()) {
            long last;
            do {
                c.read(5);
                last = c.getLong(PAGE_BYTES - 8);
            } while (c.retry());
            assertThat(last).isEqualTo(42);
        }
    }
}
