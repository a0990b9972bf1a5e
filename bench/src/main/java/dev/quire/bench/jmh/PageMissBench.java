package dev.quire.bench.jmh;

import dev.quire.bench.pages.CountedCache;
import dev.quire.bench.pages.HeapCache;
import dev.quire.bench.pages.NativePages;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.ReplacementPolicy;
import dev.quire.pagecache.Threading;
import dev.quire.pagecache.backing.AddressSpaceOps;

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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Misses a microsecond, of all threads together: random pages of a file 256 times the cache, each
 * copied from a page in memory, so that nearly every read evicts a page and brings one in. {@code
 * map…} does the same with a synchronised {@link LinkedHashMap} in access order, {@code caffeine}
 * with counted direct buffers in Caffeine, {@code heap} with arrays in it. Native memory of all of
 * them is advised to be huge pages, as Quire's frames are.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class PageMissBench {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 1 << 14;
    private static final int PAGES = FRAMES << 8;

    @SuppressWarnings("NullAway.Init") // by JMH
    @Param({"RTQ"})
    private ReplacementPolicy policy;

    @SuppressWarnings("NullAway.Init") // by JMH
    @Param({"AGENT", "CALLER"})
    private Reclaims reclaims;

    private final MemorySegment stored = Arena.global().allocate(PAGE_BYTES);

    @SuppressWarnings("NullAway.Init") // by open
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // by open
    private PagedFile file;

    @SuppressWarnings("NullAway.Init") // by open
    private MapCache map;

    @SuppressWarnings("NullAway.Init") // by open
    private CountedCache caffeine;

    @SuppressWarnings("NullAway.Init") // by open
    private HeapCache heap;

    private final MemorySegment table =
            new NativePages(PAGES / (PAGE_BYTES / Long.BYTES), PAGE_BYTES).segment();
    private final MemorySegment frames = new NativePages(FRAMES, PAGE_BYTES).segment();

    /** Made by JMH. */
    public PageMissBench() {}

    /** Who makes room: on two cores, an agent is a thread more than there are cores. */
    public enum Reclaims {
        /** A thread of the cache; whoever misses only when it does not keep up. */
        AGENT,
        /** Nobody turns the cache's agents: whoever misses. */
        CALLER
    }

    /** Every page of the file is the same one in memory. */
    private record OnePage(MemorySegment stored) implements AddressSpaceOps {
        @Override
        public int readPage(long page, MemorySegment into) {
            MemorySegment.copy(stored, 0, into, 0, PAGE_BYTES);
            return PAGE_BYTES;
        }

        @Override
        public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {
            throw new UnsupportedOperationException("nothing is written");
        }

        @Override
        public void sync() {}

        @Override
        public void truncate(long sizeBytes) {}

        @Override
        public long sizeBytes() {
            return (long) PAGES * PAGE_BYTES;
        }
    }

    /** What one would write without a page cache: a map of buffers, the eldest is used again. */
    private static final class MapCache {
        private final MemorySegment stored;
        private final Deque<MemorySegment> free = new ArrayDeque<>();
        private final Map<Long, MemorySegment> pages =
                new LinkedHashMap<>(2 * FRAMES, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Long, MemorySegment> eldest) {
                        if (size() <= FRAMES - 1) {
                            return false;
                        }
                        free.add(eldest.getValue());
                        return true;
                    }
                };

        MapCache(MemorySegment stored) {
            this.stored = stored;
            MemorySegment memory = new NativePages(FRAMES, PAGE_BYTES).segment();
            for (long frame = 0; frame < FRAMES; frame++) {
                free.add(memory.asSlice(frame * PAGE_BYTES, PAGE_BYTES));
            }
        }

        synchronized long read(long page) {
            MemorySegment bytes = pages.get(page);
            if (bytes == null) {
                bytes = free.remove();
                MemorySegment.copy(stored, 0, bytes, 0, PAGE_BYTES);
                pages.put(page, bytes);
            }
            return bytes.get(ValueLayout.JAVA_LONG, 0);
        }
    }

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
        public void open(PageMissBench bench) {
            cursor = bench.file.cursor();
        }

        /** Closes it. */
        @TearDown(Level.Trial)
        public void close() {
            cursor.close();
        }
    }

    /**
     * Opens both caches.
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
                                .replacement(policy)
                                .threading(
                                        reclaims == Reclaims.CALLER
                                                ? Threading.embedded()
                                                : Threading.own())
                                .build());
        file = cache.map("one page", new OnePage(stored));
        map = new MapCache(stored);
        ByteBuffer bytes = stored.asByteBuffer();
        caffeine =
                new CountedCache(
                        FRAMES - 1, PAGE_BYTES, (_, into) -> into.put(0, bytes, 0, PAGE_BYTES));
        heap =
                new HeapCache(
                        FRAMES - 1, PAGE_BYTES, (_, into) -> into.put(0, bytes, 0, PAGE_BYTES));
    }

    /**
     * Closes the cache.
     *
     * @throws IOException never
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cache.close();
        caffeine.close();
    }

    /**
     * One thread.
     *
     * @param random of this thread
     * @param state its cursor
     * @return what was read
     */
    @Benchmark
    @Threads(1)
    public long missOne(PageNumbers random, Cursor state) {
        return read(state.cursor, random.next(PAGES));
    }

    /**
     * Two threads.
     *
     * @param random of this thread
     * @param state its cursor
     * @return what was read
     */
    @Benchmark
    @Threads(2)
    public long missTwo(PageNumbers random, Cursor state) {
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
     * One thread, the map.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    @Threads(1)
    public long mapOne(PageNumbers random) {
        return map.read(random.next(PAGES));
    }

    /**
     * Two threads, the map.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    @Threads(2)
    public long mapTwo(PageNumbers random) {
        return map.read(random.next(PAGES));
    }

    /**
     * Caffeine, as many threads as JMH is told to use.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long caffeine(PageNumbers random) {
        return caffeine.read(random.next(PAGES));
    }

    /**
     * Caffeine of arrays, as many threads as JMH is told to use.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long heap(PageNumbers random) {
        return heap.read(random.next(PAGES));
    }

    /**
     * One thread, and no cache at all: what the memory gives. A page copied to a random frame, and
     * two words of a table as large as the translation, at random: the slots of the page that comes
     * and of the one that goes.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    @Threads(1)
    public long memoryOne(PageNumbers random) {
        return copy(random.next(PAGES), random.next(PAGES));
    }

    /**
     * Two threads, and no cache at all.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    @Threads(2)
    public long memoryTwo(PageNumbers random) {
        return copy(random.next(PAGES), random.next(PAGES));
    }

    private long copy(long comes, long goes) {
        long slots =
                table.getAtIndex(ValueLayout.JAVA_LONG, comes)
                        + table.getAtIndex(ValueLayout.JAVA_LONG, goes);
        long frame = (goes + slots) & FRAMES - 1;
        MemorySegment.copy(stored, 0, frames, frame * PAGE_BYTES, PAGE_BYTES);
        return frames.get(ValueLayout.JAVA_LONG, frame * PAGE_BYTES);
    }
}
