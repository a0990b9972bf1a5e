package dev.quire.bench.jmh;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.bench.run.DirectOption;
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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the page cache makes of a device, beside the same engine without a cache: pages of 8 KiB of
 * a direct file of 640 MiB in {@code java.io.tmpdir}, through a cache of a tenth of it. {@code
 * cache…} and {@code raw…} are to be compared with each other, in one run.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class PageDeviceBench {
    private static final int PAGE_BYTES = 8192;
    private static final int IN_FLIGHT = 64;
    private static final int READS = 4096;
    private static final int WRITTEN_PAGES = 2 * 8192;

    /** A run of the build only shows that it runs. */
    private static final int SHARE = Boolean.getBoolean("quire.bench.quiet") ? 16 : 1;

    private static final int CACHED_PAGES = 8192 / SHARE;
    private static final int PAGES = 65536 / SHARE;
    private static final int FILE_PAGES = 10 * CACHED_PAGES;
    private static final int WRITE_BYTES = 1 << 20;

    @SuppressWarnings("NullAway.Init") // by open
    private Path path;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // by open
    private PagedFile file;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCursor cursor;

    @SuppressWarnings("NullAway.Init") // by open
    private AsyncIo io;

    @SuppressWarnings("NullAway.Init") // by open
    private AsyncFile raw;

    private final MemorySegment buffers =
            Arena.global().allocate((long) IN_FLIGHT * PAGE_BYTES, PAGE_BYTES);
    private final MemorySegment large = Arena.global().allocate(WRITE_BYTES, PAGE_BYTES);

    /** Made by JMH. */
    public PageDeviceBench() {}

    /**
     * Writes the file, and opens it with and without a cache.
     *
     * @throws IOException if it cannot
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        path = Files.createTempFile("quire-device", ".pages");
        OpenOption[] options = {
            StandardOpenOption.READ, StandardOpenOption.WRITE, DirectOption.DIRECT
        };
        io = AsyncIo.open(AsyncIoConfig.builder().queueDepth(IN_FLIGHT).build());
        raw = io.open(path, options);
        for (long at = 0; at < (long) FILE_PAGES * PAGE_BYTES; at += WRITE_BYTES) {
            large.fill((byte) (at >>> 20));
            raw.write(large, at);
        }
        raw.sync();
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) CACHED_PAGES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        file = cache.open(path, options);
        cursor = file.cursor();
    }

    /**
     * Removes the file.
     *
     * @throws IOException if it cannot
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cursor.close();
        cache.close();
        raw.close();
        io.close();
        Files.delete(path);
    }

    // ---- one thread, one read at a time

    /**
     * A read of a random page, nine of ten of which are not cached.
     *
     * @param random of this thread
     * @return a long of it
     */
    @Benchmark
    public long cacheMiss(PageNumbers random) {
        long page = random.next(PAGES);
        long value;
        do {
            cursor.read(page);
            value = cursor.getLong(0);
        } while (cursor.retry());
        return value;
    }

    /**
     * A direct read of a random page.
     *
     * @param random of this thread
     * @return a long of it
     * @throws IOException if it fails
     */
    @Benchmark
    public long rawMiss(PageNumbers random) throws IOException {
        raw.read(buffers.asSlice(0, PAGE_BYTES), random.next(PAGES) * PAGE_BYTES);
        return buffers.get(ValueLayout.JAVA_LONG, 0);
    }

    // ---- 64 reads under way

    /**
     * Random pages through the cache, 64 of them under way.
     *
     * @param random of this thread
     * @throws InterruptedException never
     */
    @Benchmark
    @OperationsPerInvocation(READS)
    public void cacheReads(PageNumbers random) throws InterruptedException {
        Semaphore places = new Semaphore(IN_FLIGHT);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        for (int i = 0; i < READS / SHARE; i++) {
            places.acquire();
            file.readAsync(
                    random.next(PAGES),
                    (page, failure) -> {
                        if (failure != null) {
                            failed.set(failure);
                        }
                        places.release();
                    },
                    Runnable::run);
        }
        places.acquire(IN_FLIGHT);
        check(failed);
    }

    /**
     * Random pages without a cache, 64 of them under way.
     *
     * @param random of this thread
     * @throws InterruptedException never
     */
    @Benchmark
    @OperationsPerInvocation(READS)
    public void rawReads(PageNumbers random) throws InterruptedException {
        Semaphore places = new Semaphore(IN_FLIGHT);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        for (int i = 0; i < READS / SHARE; i++) {
            places.acquire();
            raw.read(
                    buffers.asSlice((long) (i % IN_FLIGHT) * PAGE_BYTES, PAGE_BYTES),
                    random.next(PAGES) * PAGE_BYTES,
                    (bytes, failure) -> {
                        if (failure != null) {
                            failed.set(failure);
                        }
                        places.release();
                    });
        }
        places.acquire(IN_FLIGHT);
        check(failed);
    }

    private static void check(AtomicReference<Throwable> failed) {
        if (failed.get() != null) {
            throw new IllegalStateException(failed.get());
        }
    }

    // ---- twice the cache, written

    /**
     * Writes twice the cache in order, and syncs.
     *
     * @throws IOException if it fails
     */
    @Benchmark
    @OperationsPerInvocation(WRITTEN_PAGES)
    public void cacheWrites() throws IOException {
        for (long page = 0; page < WRITTEN_PAGES / SHARE; page++) {
            cursor.create(page);
            cursor.putLong(0, page);
            cursor.release();
        }
        file.sync();
    }

    /**
     * Writes as many bytes directly, 1 MiB at a time, and syncs.
     *
     * @throws IOException if it fails
     */
    @Benchmark
    @OperationsPerInvocation(WRITTEN_PAGES)
    public void rawWrites() throws IOException {
        long bytes = (long) WRITTEN_PAGES / SHARE * PAGE_BYTES;
        for (long at = 0; at < bytes; at += WRITE_BYTES) {
            raw.write(large, at);
        }
        raw.syncData();
    }
}
