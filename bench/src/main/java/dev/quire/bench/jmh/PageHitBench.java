package dev.quire.bench.jmh;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.pages.ZeroBacking;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * What a page costs that is cached: an optimistic read of one long, a pin and its release, a latch
 * and its release; beside the same read from plain memory, with the same huge page advice.
 *
 * <p>{@code …Hot} takes its pages from 256, {@code …All} from 512 MiB, which no CPU cache holds.
 * {@code loop…} is the loop without the page: what is to be subtracted.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
@State(Scope.Benchmark)
public class PageHitBench {
    private static final int PAGE_BYTES = 8192;
    private static final int PAGES = (512 << 20) / PAGE_BYTES;
    private static final int HOT_PAGES = 256;
    private static final int SCANNED_PAGES = 8192;

    private final PageAllocator raw =
            PageAllocator.create(
                    AllocatorConfig.builder()
                            .capacityBytes((long) PAGES * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .build());
    private final MemorySegment memory = raw.region();
    private final PageCache cache =
            PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes(PAGES / 8L * 9 * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .dirtyPercent(85, 90)
                            .build());

    @SuppressWarnings("NullAway.Init") // by fill
    private PagedFile file;

    /** Made by JMH. */
    public PageHitBench() {}

    /** One thread's cursor. */
    @State(Scope.Thread)
    public static class Cursor {
        @SuppressWarnings("NullAway.Init") // by open
        private PageCursor cursor;

        /** Made by JMH. */
        public Cursor() {}

        /**
         * Opens it.
         *
         * @param bench whose file
         */
        @Setup(Level.Trial)
        public void open(PageHitBench bench) {
            cursor = bench.file.cursor();
        }

        /** Closes it. */
        @TearDown(Level.Trial)
        public void close() {
            cursor.close();
        }
    }

    /**
     * Writes every page, so that all are cached, and none is the kernel's page of zeros.
     *
     * @throws IOException never
     */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        file = cache.map("zeros", new ZeroBacking());
        for (long page = 0; page < PAGES; page++) {
            memory.set(ValueLayout.JAVA_LONG, page * PAGE_BYTES, page);
        }
        try (PageCursor cursor = file.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                cursor.create(page);
                cursor.putLong(0, page);
                cursor.release();
            }
        }
    }

    /**
     * Closes the cache.
     *
     * @throws IOException never
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cache.close();
        raw.close();
    }

    /**
     * The loop alone.
     *
     * @param random of this thread
     * @return a page's offset
     */
    @Benchmark
    public long loopHot(PageNumbers random) {
        return random.next(HOT_PAGES) * PAGE_BYTES;
    }

    /**
     * Plain memory, hot.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long rawHot(PageNumbers random) {
        return memory.get(ValueLayout.JAVA_LONG, random.next(HOT_PAGES) * PAGE_BYTES);
    }

    /**
     * Plain memory, all of it.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long rawAll(PageNumbers random) {
        return memory.get(ValueLayout.JAVA_LONG, random.next(PAGES) * PAGE_BYTES);
    }

    /**
     * An optimistic read, hot.
     *
     * @param random of this thread
     * @param state its cursor
     * @return what was read
     */
    @Benchmark
    public long readHot(PageNumbers random, Cursor state) {
        return read(state.cursor, random.next(HOT_PAGES));
    }

    /**
     * An optimistic read of any page.
     *
     * @param random of this thread
     * @param state its cursor
     * @return what was read
     */
    @Benchmark
    public long readAll(PageNumbers random, Cursor state) {
        return read(state.cursor, random.next(PAGES));
    }

    private static long read(PageCursor cursor, long page) {
        long value;
        do {
            cursor.read(page);
            value = cursor.getLong(0);
        } while (cursor.retry());
        return value;
    }

    /**
     * A pin and its release, hot.
     *
     * @param random of this thread
     * @param state its cursor
     * @return what was read
     */
    @Benchmark
    public long pinHot(PageNumbers random, Cursor state) {
        PageCursor cursor = state.cursor;
        cursor.pin(random.next(HOT_PAGES));
        long value = cursor.getLong(0);
        cursor.release();
        return value;
    }

    /**
     * A write latch and its release, hot, the page dirty already.
     *
     * @param random of this thread
     * @param state its cursor
     */
    @Benchmark
    public void writeHot(PageNumbers random, Cursor state) {
        PageCursor cursor = state.cursor;
        long page = random.next(HOT_PAGES);
        cursor.write(page);
        cursor.putLong(0, page);
        cursor.release();
    }

    /**
     * Optimistic reads of one page, the same for all threads: with {@code -t 2} beside {@code -t 1}
     * it shows that readers do not disturb each other.
     *
     * @param state its cursor
     * @return what was read
     */
    @Benchmark
    public long readSame(Cursor state) {
        return read(state.cursor, 7);
    }

    /**
     * The sum of all longs of 64 MiB of cached pages, one page after the other.
     *
     * @param state its cursor
     * @return the sum
     */
    @Benchmark
    @OperationsPerInvocation(SCANNED_PAGES)
    public long scan(Cursor state) {
        PageCursor cursor = state.cursor;
        long sum = 0;
        for (long page = 0; page < SCANNED_PAGES; page++) {
            long inPage;
            do {
                cursor.read(page);
                inPage = 0;
                for (int offset = 0; offset < PAGE_BYTES; offset += Long.BYTES) {
                    inPage += cursor.getLong(offset);
                }
            } while (cursor.retry());
            sum += inPage;
        }
        return sum;
    }

    /**
     * The same of plain memory.
     *
     * @return the sum
     */
    @Benchmark
    @OperationsPerInvocation(SCANNED_PAGES)
    public long scanRaw() {
        long sum = 0;
        for (long page = 0; page < SCANNED_PAGES; page++) {
            long first = page * PAGE_BYTES;
            for (int offset = 0; offset < PAGE_BYTES; offset += Long.BYTES) {
                sum += memory.get(ValueLayout.JAVA_LONG, first + offset);
            }
        }
        return sum;
    }
}
