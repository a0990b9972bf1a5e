package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A cache of 64 frames over a store in memory; its invariants are checked after every test. A test
 * that hangs fails, and so does the check.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class CacheFixture {
    static final int PAGE_BYTES = 4096;
    static final int FRAMES = 64;

    final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    PageCache cache;
    PagedFile file;
    private final List<CountDownLatch> gates = new ArrayList<>();

    @BeforeEach
    void openCache() throws IOException {
        cache = PageCache.create(configure(config()).build());
        file = cache.map("store", backing);
    }

    /** Nothing is written back unless a test asks for it. */
    static PageCacheConfig.Builder config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyPercent(40, 80)
                .dirtyAge(Duration.ofHours(1))
                .readAheadBytes(0) // what is read, and when, is up to each test
                .stallMax(Duration.ofSeconds(20));
    }

    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config;
    }

    /** A latch that the end of the test opens, also when the test fails before it does. */
    final CountDownLatch gate() {
        CountDownLatch gate = new CountDownLatch(1);
        gates.add(gate);
        return gate;
    }

    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closeCache() throws IOException {
        gates.forEach(CountDownLatch::countDown);
        backing.heal();
        try {
            checkAndCloseFile();
        } finally {
            cache.close(); // whatever was found: the next test shall not see these threads
        }
    }

    private void checkAndCloseFile() throws IOException {
        cache.verify();
        closeQuietly(file);
        cache.verify();
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(cache.stats().writebackPages()).isZero();
        awaitAllFree(cache);
    }

    /**
     * Every frame is free or holds a page, in the end: reclaim may have taken a page that it has
     * not given back yet.
     */
    static void awaitAllFree(PageCache cache) {
        awaitAllFree(cache, 0);
    }

    /** Every frame but some that hold old images is free or holds a page, in the end. */
    static void awaitAllFree(PageCache cache, int imagesMax) {
        Running.until(
                "every frame is free: " + cache.stats(),
                () -> {
                    cache.context().allocator().drainDeferred();
                    PageCacheStats stats = cache.stats();
                    return stats.freeFrames() + stats.cachedPages()
                            >= stats.totalFrames() - imagesMax;
                });
    }

    /** The file may have an error to report that the test provoked. */
    private static void closeQuietly(PagedFile file) throws IOException {
        try {
            file.close();
        } catch (IOException e) {
            file.close();
        }
    }

    /** Writes pages so that each begins and ends with its number plus a stamp. */
    final void write(PagedFile to, long from, long count, long stamp) {
        try (PageCursor c = to.cursor()) {
            for (long page = from; page < from + count; page++) {
                c.write(page);
                c.putLong(0, page + stamp);
                c.putLong(PAGE_BYTES - 8, page + stamp);
                c.release();
            }
        }
    }

    final void write(long from, long count, long stamp) {
        write(file, from, count, stamp);
    }

    final long read(long page) {
        return read(file, page);
    }

    static long read(PagedFile from, long page) {
        try (PageCursor c = from.cursor()) {
            long first;
            long last;
            do {
                c.read(page);
                first = c.getLong(0);
                last = c.getLong(PAGE_BYTES - 8);
            } while (c.retry());
            assertThat(last).as("end of page %s", page).isEqualTo(first);
            return first;
        }
    }

    /** Takes every frame for another file's pages: every page that is clean and unused leaves. */
    final void evictAll() throws IOException {
        PagedFile other = cache.map("filler", filler());
        try (Pins pins = pinAll(other)) {
            assertThat(pins.cursors()).isNotEmpty();
        }
        other.close();
    }

    static MemoryBacking filler() {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.put(2 * FRAMES - 1, 1);
        return store;
    }

    /** Reads pages one after the other. */
    final void sweep(long from, long to) {
        try (PageCursor c = file.cursor()) {
            for (long page = from; page < to; page++) {
                c.read(page);
            }
        }
    }

    final boolean cached(long page) {
        return Slot.isResident(slot(page));
    }

    final long slot(long page) {
        Chunk chunk = file.space().translation().find(page);
        return chunk == null ? Slot.ABSENT : chunk.slot(Chunk.index(page));
    }

    /** Cursors that hold pins. */
    record Pins(List<PageCursor> cursors, OutOfFramesException end) implements AutoCloseable {
        @Override
        public void close() {
            cursors.forEach(PageCursor::close);
        }
    }

    /** Pins pages until no frame is left. */
    static Pins pinAll(PagedFile of) {
        List<PageCursor> pins = new ArrayList<>();
        for (long page = 0; page < 2 * FRAMES; page++) {
            PageCursor c = of.cursor();
            pins.add(c);
            try {
                c.pin(page);
            } catch (OutOfFramesException e) {
                return new Pins(pins, e);
            }
        }
        throw new AssertionError("more pins than frames");
    }
}
