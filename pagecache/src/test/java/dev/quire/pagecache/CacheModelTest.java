package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random operations on several files in a cache of very few frames, against naive models: each
 * thread has a file of its own ({@link ModelFile}: every byte is known) and takes part in a common
 * one ({@link ModelShared}: every page has one writer).
 *
 * <p>Replay: {@code -Dseed=N}; the operations of each thread are then the same, their order among
 * threads is not. {@code -Dcache.model.operations=N -Dcache.model.seeds=N} for more of them; the
 * profile {@code campaign} makes it 9.6 million.
 */
class CacheModelTest {
    private static final int OPERATIONS = Integer.getInteger("cache.model.operations", 60_000);
    private static final int SEEDS = Integer.getInteger("cache.model.seeds", 1);

    @ParameterizedTest(name = "{0} threads, {1} frames")
    @CsvSource({"1, 8", "2, 16", "4, 32", "4, 64"})
    void shouldHoldWhatTheModelHolds(int threads, int frames) throws Exception {
        for (int i = 0; i < SEEDS; i++) {
            long seed = Long.getLong("seed", System.nanoTime());
            System.out.printf(
                    "CacheModelTest %d threads, %d frames, %d operations: -Dseed=%d%n",
                    threads, frames, OPERATIONS, seed);
            play(threads, frames, seed);
        }
    }

    private static void play(int threads, int frames, long seed) throws Exception {
        try (PageCache cache = PageCache.create(config(seed))) {
            int[] taken = takeAllBut(frames, cache);
            ModelShared shared = new ModelShared(cache, threads);
            List<ModelFile> own = new ArrayList<>();
            List<Running<?>> running = new ArrayList<>();
            for (int id = 0; id < threads; id++) {
                Random random = new Random(seed + id);
                ModelFile file = new ModelFile(cache, "own-" + id, random);
                ModelShared.Player player = shared.new Player(id, random);
                own.add(file);
                running.add(Running.run(() -> play(file, player, random, OPERATIONS / threads)));
            }
            for (Running<?> thread : running) {
                thread.join();
            }
            cache.verify();
            for (ModelFile file : own) {
                file.finish();
            }
            shared.close();
            cache.verify();
            cache.context().allocator().putBatch(taken, 0, taken.length);
            CacheFixture.awaitAllFree(cache);
            checkEmpty(cache.stats());
        }
    }

    private static PageCacheConfig config(long seed) {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * CacheFixture.PAGE_BYTES)
                .pageBytes(CacheFixture.PAGE_BYTES)
                .replacement(seed % 2 == 0 ? ReplacementPolicy.RTQ : ReplacementPolicy.TWO_LIST)
                .dirtyAge(Duration.ofMillis(20))
                .build();
    }

    /** The least cache there is has 64 frames: somebody else holds the others. */
    private static int[] takeAllBut(int frames, PageCache cache) {
        int[] taken = new int[CacheFixture.FRAMES - frames];
        cache.context().allocator().allocateBatch(taken, 0, taken.length);
        return taken;
    }

    private static void play(
            ModelFile file, ModelShared.Player player, Random random, int operations)
            throws IOException {
        for (int i = 0; i < operations; i++) {
            if (random.nextInt(3) == 0) {
                player.step();
            } else {
                file.step();
            }
        }
        player.close();
    }

    private static void checkEmpty(PageCacheStats stats) {
        assertThat(stats.cachedPages()).isZero();
        assertThat(stats.dirtyPages()).isZero();
        assertThat(stats.writebackPages()).isZero();
        assertThat(stats.callbackErrors()).isZero();
        assertThat(stats.evictions()).isPositive();
    }
}
