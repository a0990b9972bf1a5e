package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Cached and direct reads and writes, relocation, compaction, snapshots, cuts and dropped pages on
 * one real file by several threads, in a cache of very few frames (S2.9, S3.2, S3.5): a read after
 * a write that is over sees it, a snapshot never changes.
 *
 * <p>Replay: {@code -Dseed=N}; the operations of each thread are then the same, their order among
 * threads is not. {@code -Dcache.mixed.operations=N -Dcache.mixed.seeds=N} for more of them.
 */
class MixedModelTest {
    private static final int OPERATIONS = Integer.getInteger("cache.mixed.operations", 36_000);
    private static final int SEEDS = Integer.getInteger("cache.mixed.seeds", 1);

    @TempDir Path folder;

    @ParameterizedTest(name = "{0} threads, {1} frames, direct={2}")
    @CsvSource({"3, 64, false", "2, 16, true", "4, 32, true"})
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void shouldReadWhatWasWritten(int threads, int frames, boolean direct) throws Exception {
        for (int i = 0; i < SEEDS; i++) {
            long seed = Long.getLong("seed", System.nanoTime());
            System.out.printf(
                    "MixedModelTest %d threads, %d frames, %d operations: -Dseed=%d%n",
                    threads, frames, OPERATIONS, seed);
            play(threads, frames, direct, seed);
        }
    }

    private void play(int threads, int frames, boolean direct, long seed) throws Exception {
        Path path = folder.resolve("mixed-" + seed);
        Map<MixedFile.Step, Long> done = new EnumMap<>(MixedFile.Step.class);
        try (PageCache cache = PageCache.create(config(seed))) {
            int[] taken = new int[CacheFixture.FRAMES - frames];
            cache.context().allocator().allocateBatch(taken, 0, taken.length);
            PagedFile file = cache.open(path, options(direct));
            MixedFile mixed = new MixedFile(cache, file, threads);
            List<Running<?>> running = new ArrayList<>();
            List<MixedFile.Player> players = new ArrayList<>();
            for (int id = 0; id < threads; id++) {
                MixedFile.Player player = mixed.new Player(id, new Random(seed + id));
                players.add(player);
                running.add(Running.run(() -> play(player, OPERATIONS / threads)));
            }
            for (Running<?> thread : running) {
                thread.join();
            }
            cache.verify();
            file.close();
            mixed.checkStored(path);
            cache.verify();
            cache.context().allocator().putBatch(taken, 0, taken.length);
            CacheFixture.awaitAllFree(cache);
            assertThat(cache.stats().callbackErrors()).isZero();
            players.forEach(player -> player.done().forEach((s, n) -> done.merge(s, n, Long::sum)));
        } finally {
            Files.deleteIfExists(path);
        }
        assertThat(done).as("every step has been done").containsOnlyKeys(MixedFile.Step.values());
    }

    private static OpenOption[] options(boolean direct) {
        List<OpenOption> options =
                new ArrayList<>(
                        List.of(
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.CREATE));
        if (direct) {
            options.add(RealFileTest.direct());
        }
        return options.toArray(OpenOption[]::new);
    }

    private static PageCacheConfig config(long seed) {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * CacheFixture.PAGE_BYTES)
                .pageBytes(CacheFixture.PAGE_BYTES)
                .replacement(seed % 2 == 0 ? ReplacementPolicy.RTQ : ReplacementPolicy.TWO_LIST)
                .dirtyAge(Duration.ofMillis(20))
                .build();
    }

    private static void play(MixedFile.Player player, int operations) throws IOException {
        for (int i = 0; i < operations; i++) {
            player.step();
        }
        player.close();
    }
}
