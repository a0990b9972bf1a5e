package dev.quire.simulation;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.ReplacementPolicy;
import dev.quire.pagecache.SnapshotLimits;
import dev.quire.pagecache.Threading;
import dev.quire.simulation.machine.Limit;
import dev.quire.simulation.machine.Simulation;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Sets up a cache as nobody would: whatever can be small, short, slow or narrow is so in some runs,
 * in any combination that is allowed.
 */
final class Chaos {
    private final Simulation simulation;
    private final SplittableRandom random;

    Chaos(Simulation simulation) {
        this.simulation = simulation;
        random = simulation.random("chaos");
    }

    boolean embedded() {
        return random.nextInt(3) == 0;
    }

    boolean direct() {
        return random.nextBoolean();
    }

    /** How many requests come before the power goes; sometimes it stays until all is closed. */
    long requestsToCrash() {
        return random.nextInt(5) == 0
                ? Long.MAX_VALUE / 2
                : 1L + random.nextInt(1 << oneOf(5, 8, 10));
    }

    int stepsOfAPlayer() {
        return 20 << random.nextInt(4);
    }

    /** Draws anew how much the library does at a time; in a third of the cases as usual. */
    void drawLimits() {
        for (Limit limit : Limit.values()) {
            int most = Math.min(limit.most(), oneOf(1, 2, 8, limit.most()));
            simulation.limit(limit, random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(most));
        }
    }

    PageCacheConfig config(int pageBytes, boolean embedded) {
        int frames = oneOf(64, 64, 80, 128, 300);
        int background = 1 + random.nextInt(60);
        Threading threading = embedded ? Threading.embedded() : Threading.own();
        return PageCacheConfig.builder()
                .memoryBytes((long) frames * pageBytes)
                .pageBytes(pageBytes)
                .io(
                        AsyncIoConfig.builder()
                                .engine(Engine.CHANNEL)
                                .threads(oneOf(1, 2, 5))
                                .queueDepth(oneOf(1, 2, 8, 64))
                                .build())
                .dirtyPercent(background, background + 1 + random.nextInt(90 - background))
                .dirtyAge(Duration.ofNanos(1L << random.nextInt(14, 36)))
                .stallMax(Duration.ofHours(1))
                .readAheadBytes(oneOf(0, 0, 16 << 10, 256 << 10))
                .checking(random.nextInt(8) == 0)
                .threading(threading.threads(simulation.threads()).onError(simulation::fail))
                .closeMax(Duration.ofDays(1))
                .replacement(
                        random.nextInt(4) == 0 ? ReplacementPolicy.TWO_LIST : ReplacementPolicy.RTQ)
                .compaction(oneOf(0, 0, 0, 8))
                .snapshots(
                        new SnapshotLimits(
                                oneOf(0, 2, 10, 50),
                                random.nextBoolean() ? Long.MAX_VALUE : 8L * pageBytes,
                                Duration.ofMillis(oneOf(0, 0, 100)),
                                null))
                .region(
                        region ->
                                watermarks(
                                        region.poison(random.nextInt(4) == 0)
                                                .cacheFrames(oneOf(0, 1, 8, 64))))
                .build();
    }

    private AllocatorConfig.Builder watermarks(AllocatorConfig.Builder region) {
        int min = 1 + random.nextInt(4);
        int low = min + random.nextInt(6);
        return random.nextBoolean()
                ? region
                : region.watermarksFrames(min, low, low + random.nextInt(8));
    }

    private int oneOf(int... values) {
        return values[random.nextInt(values.length)];
    }
}
