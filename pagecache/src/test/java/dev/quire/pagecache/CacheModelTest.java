package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Random operations on a cache of few frames, against a naive model: a map from page to its stamp.
 *
 * <p>Each thread owns the pages whose number is its own modulo the number of threads, so that it
 * knows what they hold; it reads the others' pages too, and checks that they are not torn. Truncate
 * runs only with one thread, where the model can follow it. Replay: {@code -Dseed=N}.
 */
class CacheModelTest {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 400;
    private static final long STAMP = 0x9E37_79B9_7F4A_7C15L;

    @ParameterizedTest(name = "{0} threads, {1} operations, {2} frames")
    @CsvSource({"1, 60000, 64", "2, 60000, 64", "4, 80000, 96"})
    void shouldHoldWhatTheModelHolds(int threads, int operations, int frames) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("CacheModelTest -Dseed=" + seed + " threads=" + threads);
        MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
        try (PageCache cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) frames * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .dirtyAge(Duration.ofMillis(20))
                                .build())) {
            PagedFile file = cache.map("model", backing);
            List<Player> players = new ArrayList<>();
            try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    Player player = new Player(file, i, threads, new Random(seed + i));
                    players.add(player);
                    running.add(pool.submit(() -> player.play(operations / threads)));
                }
                for (Future<?> future : running) {
                    future.get(120, TimeUnit.SECONDS);
                }
            }
            cache.verify();
            file.sync();
            cache.verify();
            for (Player player : players) {
                player.check(backing);
            }
            file.close();
            cache.verify();
            assertThat(cache.stats().cachedPages()).isZero();
            assertThat(cache.stats().freeFrames()).isEqualTo(cache.stats().totalFrames());
            assertThat(cache.stats().callbackErrors()).isZero();
            assertThat(cache.stats().evictions()).isPositive();
        }
    }

    /** One thread's operations, and what it knows of its pages. */
    private static final class Player {
        private final PagedFile file;
        private final int id;
        private final int players;
        private final Random random;
        private final Map<Long, Long> model = new HashMap<>();

        Player(PagedFile file, int id, int players, Random random) {
            this.file = file;
            this.id = id;
            this.players = players;
            this.random = random;
        }

        Void play(int operations) throws IOException {
            try (PageCursor cursor = file.cursor();
                    PageCursor other = file.cursor()) {
                for (int i = 0; i < operations; i++) {
                    step(cursor, other);
                }
            }
            return null;
        }

        private void step(PageCursor cursor, PageCursor other) throws IOException {
            int dice = random.nextInt(1000);
            if (dice < 450) {
                readOwn(cursor);
            } else if (dice < 600) {
                readAny(cursor);
            } else if (dice < 850) {
                write(cursor, ownPage());
            } else if (dice < 900) {
                create(cursor);
            } else if (dice < 960) {
                pinAcrossOthers(cursor, other);
            } else if (dice < 975) {
                tryWrite(cursor);
            } else if (dice < 985) {
                writeNothing(cursor);
            } else if (dice < 995) {
                file.sync();
            } else if (players == 1) {
                truncate();
            }
        }

        private long ownPage() {
            return (long) random.nextInt(PAGES / players) * players + id;
        }

        private long expected(long page) {
            return model.getOrDefault(page, 0L);
        }

        private void readOwn(PageCursor cursor) {
            long page = ownPage();
            if (page >= file.sizePages()) {
                return;
            }
            long first;
            long last;
            do {
                cursor.read(page);
                first = cursor.getLong(0);
                last = cursor.getLong(PAGE_BYTES - 8);
            } while (cursor.retry());
            assertThat(first).as("page %s", page).isEqualTo(expected(page));
            assertThat(last).as("page %s", page).isEqualTo(expected(page) * STAMP);
        }

        private void readAny(PageCursor cursor) {
            long page = random.nextInt(PAGES);
            if (page >= file.sizePages()) {
                return;
            }
            long first;
            long last;
            do {
                cursor.read(page);
                first = cursor.getLong(0);
                last = cursor.getLong(PAGE_BYTES - 8);
            } while (cursor.retry());
            assertThat(last).as("torn page %s", page).isEqualTo(first * STAMP);
        }

        private void write(PageCursor cursor, long page) {
            cursor.write(page);
            stamp(cursor, page);
            cursor.release();
        }

        private void create(PageCursor cursor) {
            long page = ownPage();
            cursor.create(page);
            assertThat(cursor.getLong(0)).isZero();
            assertThat(cursor.getLong(PAGE_BYTES - 8)).isZero();
            stamp(cursor, page);
            cursor.release();
        }

        private void tryWrite(PageCursor cursor) {
            long page = ownPage();
            if (cursor.tryWrite(page)) {
                stamp(cursor, page);
                cursor.release();
            }
        }

        private void stamp(PageCursor cursor, long page) {
            assertThat(cursor.getLong(0)).as("page %s", page).isIn(expected(page), 0L);
            long value = random.nextLong();
            cursor.putLong(0, value);
            cursor.putLong(PAGE_BYTES - 8, value * STAMP);
            model.put(page, value);
        }

        private void writeNothing(PageCursor cursor) {
            long page = ownPage();
            if (page < file.sizeBytes() / PAGE_BYTES) {
                cursor.write(page);
                cursor.releaseClean();
            }
        }

        private void pinAcrossOthers(PageCursor cursor, PageCursor other) {
            long page = ownPage();
            if (page >= file.sizePages()) {
                return;
            }
            cursor.pin(page);
            long first;
            long last;
            do {
                first = cursor.getLong(0);
                last = cursor.getLong(PAGE_BYTES - 8);
            } while (cursor.retry());
            for (int i = 0; i < 20; i++) {
                readAny(other);
            }
            assertThat(first).as("page %s", page).isEqualTo(expected(page));
            assertThat(last).isEqualTo(first * STAMP);
            assertThat(cursor.detached()).isFalse();
            cursor.release();
        }

        private void truncate() throws IOException {
            long pages = random.nextInt(PAGES);
            file.truncate(pages * PAGE_BYTES);
            model.keySet().removeIf(page -> page >= pages);
            assertThat(file.sizePages()).isEqualTo(pages);
        }

        void check(MemoryBacking backing) {
            model.forEach(
                    (page, value) -> {
                        byte[] bytes = backing.durable(page);
                        long found = 0;
                        for (int i = 7; i >= 0; i--) {
                            found = found << 8 | (bytes[i] & 0xFF);
                        }
                        assertThat(found).as("durable page %s", page).isEqualTo(value);
                    });
        }
    }
}
