package dev.quire.bench.jmh;

import dev.quire.bench.pages.ZeroBacking;
import dev.quire.pagecache.CompactionResult;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.backing.RelocationOutcome;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Pages of 4 KiB that move to other frames, of a file that is half of a cache of 256 MiB; and whole
 * compactions of that cache. {@code copy} is the copy alone.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class RelocateBench {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 1 << 16;
    private static final int PAGES = FRAMES / 2;
    private static final int HUGE_ORDER = 9;

    /** How many pages are moved: few stay in the processor's cache, all do not. */
    @Param({"256", "32768"})
    private int pages;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // by open
    private PagedFile file;

    @SuppressWarnings("NullAway.Init") // by open
    private MemorySegment memory;

    private final SplittableRandom random = new SplittableRandom(1);

    /** Made by JMH. */
    public RelocateBench() {}

    /**
     * Opens the cache, with every page of the file in it.
     *
     * @throws IOException never
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .readAheadBytes(0)
                                .build());
        file = cache.map("zeros", new ZeroBacking());
        file.truncate((long) PAGES * PAGE_BYTES);
        try (PageCursor cursor = file.cursor()) {
            for (int page = 0; page < PAGES; page++) {
                cursor.read(page);
            }
        }
        memory = Arena.global().allocate(2L * PAGES * PAGE_BYTES, PAGE_BYTES);
    }

    /**
     * Closes the cache.
     *
     * @throws IOException never
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cache.close();
    }

    /**
     * Moves a random page.
     *
     * @return what became of it
     */
    @Benchmark
    public RelocationOutcome relocate() {
        RelocationOutcome outcome = file.relocate(random.nextInt(pages));
        if (outcome != RelocationOutcome.MOVED) {
            throw new IllegalStateException("nobody else is here: " + outcome);
        }
        return outcome;
    }

    /** Copies a random page, from and to memory of the same size. */
    @Benchmark
    public void copy() {
        long from = random.nextInt(pages);
        long to = PAGES + (long) random.nextInt(pages);
        MemorySegment.copy(memory, from * PAGE_BYTES, memory, to * PAGE_BYTES, PAGE_BYTES);
    }

    /** A cache whose free frames lie scattered, anew for each compaction. */
    @State(Scope.Thread)
    public static class Scattered {
        private final SplittableRandom random = new SplittableRandom(2);

        /** Made by JMH. */
        public Scattered() {}

        /**
         * Drops random pages and brings others in.
         *
         * @param bench whose cache
         */
        @Setup(Level.Invocation)
        public void scatter(RelocateBench bench) {
            try (PageCursor cursor = bench.file.cursor()) {
                for (int i = 0; i < PAGES; i++) {
                    bench.file.tryInvalidate(random.nextInt(PAGES), 1);
                    cursor.read(random.nextInt(PAGES));
                }
            }
        }
    }

    /**
     * Makes every 2 MiB block that can be made; the time of one compaction.
     *
     * @param scattered the cache before it
     * @return what it did
     */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    @Warmup(iterations = 5)
    @Measurement(iterations = 10)
    public CompactionResult compact(Scattered scattered) {
        return cache.compact(HUGE_ORDER, Integer.MAX_VALUE);
    }
}
