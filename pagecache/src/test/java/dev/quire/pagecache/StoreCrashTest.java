package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.collections.IntArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The power goes while threads write and sync: of what no completed sync of the store covers some
 * sectors survive and others do not, in any order. Every write that a sync acknowledged is there
 * afterwards, and nothing that was never written.
 *
 * <p>Replay: {@code -Dseed=N}; the threads meet anew. {@code -Dcache.crashes=N} for more crashes.
 */
class StoreCrashTest {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 150;
    private static final int CRASHES = Integer.getInteger("cache.crashes", 50);

    @ParameterizedTest(name = "{0} threads")
    @ValueSource(ints = {1, 3})
    void shouldFindEveryAcknowledgedWriteAfterACrash(int threads) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(
                "StoreCrashTest " + CRASHES + " crashes -Dseed=" + seed + " threads=" + threads);
        Random random = new Random(seed);
        MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
        AtomicIntegerArray written = new AtomicIntegerArray(PAGES);
        AtomicIntegerArray acknowledged = new AtomicIntegerArray(PAGES);
        int acknowledgements = 0;
        for (int crash = 0; crash < CRASHES; crash++) {
            backing.mayCrash();
            try (PageCache cache = PageCache.create(config())) {
                PagedFile file = cache.map("crashing", backing);
                List<Writer> writers = new ArrayList<>();
                List<Running<?>> running = new ArrayList<>();
                for (int id = 0; id < threads; id++) {
                    Random own = new Random(random.nextLong());
                    Writer writer =
                            new Writer(file, backing, written, acknowledged, id, threads, own);
                    writers.add(writer);
                    running.add(Running.run(writer::run));
                }
                LockSupport.parkNanos(random.nextInt(20_000_000));
                backing = backing.crash(random);
                for (Running<?> thread : running) {
                    thread.get();
                }
                acknowledgements += writers.stream().mapToInt(w -> w.acknowledgements).sum();
                cache.verify();
            }
            check(backing, written, acknowledged);
        }
        assertThat(acknowledgements).as("acknowledged syncs").isGreaterThan(CRASHES);
    }

    private static PageCacheConfig config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(5))
                .build();
    }

    /** What is found counts as written from now on, torn pages too. */
    private static void check(
            MemoryBacking found, AtomicIntegerArray written, AtomicIntegerArray acknowledged) {
        for (int page = 0; page < PAGES; page++) {
            byte[] bytes = found.durable(page);
            assertThat(Stamps.oldest(page, bytes))
                    .as("version of page %s", page)
                    .isBetween(acknowledged.get(page), written.get(page));
            if (acknowledged.get(page) > 0) {
                assertThat(found.durableSize()).isGreaterThanOrEqualTo((page + 1L) * PAGE_BYTES);
            }
        }
    }

    /** Writes pages of its own, syncs, and notes what it may rely on. */
    private static final class Writer {
        private final PagedFile file;
        private final MemoryBacking backing;
        private final AtomicIntegerArray written;
        private final AtomicIntegerArray acknowledged;
        private final int id;
        private final int writers;
        private final Random random;
        private final IntArrayList unsynced = new IntArrayList(); // written since the last sync
        private int acknowledgements;

        Writer(
                PagedFile file,
                MemoryBacking backing,
                AtomicIntegerArray written,
                AtomicIntegerArray acknowledged,
                int id,
                int writers,
                Random random) {
            this.file = file;
            this.backing = backing;
            this.written = written;
            this.acknowledged = acknowledged;
            this.id = id;
            this.writers = writers;
            this.random = random;
        }

        void run() throws IOException {
            try (PageCursor cursor = file.cursor()) {
                while (!backing.crashed()) {
                    for (int i = random.nextInt(8); i >= 0; i--) {
                        write(cursor, random.nextInt(PAGES / writers) * writers + id);
                    }
                    sync();
                }
            }
        }

        private void write(PageCursor cursor, int page) {
            int version = written.get(page) + 1;
            written.set(page, version); // a store may have it as soon as it is begun
            cursor.write(page);
            Stamps.store(cursor, page, version);
            cursor.release();
            unsynced.addInt(page);
        }

        private void sync() throws IOException {
            file.sync();
            if (backing.crashed()) {
                return; // nobody knows whether the sync was before or after
            }
            acknowledgements++;
            unsynced.forEachInt(page -> acknowledged.set(page, written.get(page)));
            unsynced.clear();
        }
    }
}
