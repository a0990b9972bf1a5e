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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Cold scans of a direct file of 512 MiB in {@code java.io.tmpdir}, pages of 8 KiB, through a
 * cursor, beside reads of 128 KiB by the same engine without a cache. Milliseconds a scan; {@code
 * cache…} and {@code raw…} are to be compared in one run.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class PageScanBench {
    private static final int PAGE_BYTES = 8192;
    private static final int RAW_BYTES = 128 << 10;
    private static final int RAW_DEPTH = 4;
    private static final int STREAMS = 4;
    private static final int WRITE_BYTES = 1 << 20;

    /** A run of the build only shows that it runs. */
    private static final int SHARE = Boolean.getBoolean("quire.bench.quiet") ? 16 : 1;

    private static final int PAGES = 65536 / SHARE;
    private static final int CACHED_PAGES = 8192;

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
            Arena.global().allocate((long) RAW_DEPTH * RAW_BYTES, PAGE_BYTES);

    /** Made by JMH. */
    public PageScanBench() {}

    /**
     * Writes the file, and opens it with and without a cache.
     *
     * @throws IOException if it cannot
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        path = Files.createTempFile("quire-scan", ".pages");
        OpenOption[] options = {
            StandardOpenOption.READ, StandardOpenOption.WRITE, DirectOption.DIRECT
        };
        io = AsyncIo.open(AsyncIoConfig.builder().build());
        raw = io.open(path, options);
        MemorySegment large = Arena.global().allocate(WRITE_BYTES, PAGE_BYTES);
        for (long at = 0; at < (long) PAGES * PAGE_BYTES; at += WRITE_BYTES) {
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

    /** Nothing of the file is cached when a scan begins. */
    @Setup(Level.Invocation)
    public void empty() {
        file.tryInvalidate(0, PAGES);
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

    private long read(long page) {
        long value;
        do {
            cursor.read(page);
            value = cursor.getLong(0);
        } while (cursor.retry());
        return value;
    }

    /**
     * One scan from the first page to the last.
     *
     * @return a sum of the pages
     */
    @Benchmark
    public long cacheScan() {
        long sum = 0;
        for (long page = 0; page < PAGES; page++) {
            sum += read(page);
        }
        return sum;
    }

    /**
     * Four scans of a quarter each, a page of each by turns, by one cursor.
     *
     * @return a sum of the pages
     */
    @Benchmark
    public long cacheInterleavedScans() {
        long sum = 0;
        for (long page = 0; page < PAGES / STREAMS; page++) {
            for (long stream = 0; stream < STREAMS; stream++) {
                sum += read(stream * (PAGES / STREAMS) + page);
            }
        }
        return sum;
    }

    /**
     * One read of 128 KiB after the other.
     *
     * @throws IOException if one fails
     */
    @Benchmark
    public void rawScan() throws IOException {
        MemorySegment buffer = buffers.asSlice(0, RAW_BYTES);
        for (long at = 0; at < (long) PAGES * PAGE_BYTES; at += RAW_BYTES) {
            raw.read(buffer, at);
        }
    }

    /**
     * Reads of 128 KiB, four of them under way.
     *
     * @throws InterruptedException never
     */
    @Benchmark
    public void rawScanAtDepth4() throws InterruptedException {
        Semaphore places = new Semaphore(RAW_DEPTH);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        for (long i = 0; i < (long) PAGES * PAGE_BYTES / RAW_BYTES; i++) {
            places.acquire();
            raw.read(
                    buffers.asSlice(i % RAW_DEPTH * RAW_BYTES, RAW_BYTES),
                    i * RAW_BYTES,
                    (bytes, failure) -> {
                        if (failure != null) {
                            failed.set(failure);
                        }
                        places.release();
                    });
        }
        places.acquire(RAW_DEPTH);
        if (failed.get() != null) {
            throw new IllegalStateException(failed.get());
        }
    }
}
