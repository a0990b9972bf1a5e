package dev.quire.bench.jmh;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
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
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Direct reads and writes of a file that has a cache, beside the same engine without one: 8 KiB at
 * random places of a direct file of 640 MiB in {@code java.io.tmpdir}, 128 under way, each
 * completion making the next. {@code direct…} and {@code raw…} are to be compared with each other,
 * in one run.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class DirectBench {
    private static final int PAGE_BYTES = 8192;
    private static final int DEPTH = 128;
    private static final int TRANSFERS = 8192;
    private static final int WRITE_BYTES = 1 << 20;
    private static final long SEED = 42;

    /** A run of the build only shows that it runs. */
    private static final int SHARE = Boolean.getBoolean("quire.bench.quiet") ? 16 : 1;

    private static final int PAGES = 81920 / SHARE;

    /** How much of the file is cached, clean, when the transfers begin. */
    @Param({"0", "10"})
    private int cachedPercent;

    private final AtomicInteger unstarted = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final MemorySegment buffers =
            Arena.global().allocate((long) DEPTH * PAGE_BYTES, PAGE_BYTES);

    @SuppressWarnings("NullAway.Init") // by open
    private Path path;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // by open
    private PagedFile file;

    @SuppressWarnings("NullAway.Init") // by open
    private AsyncIo io;

    @SuppressWarnings("NullAway.Init") // by open
    private AsyncFile raw;

    private volatile @Nullable Thread waiter;
    private volatile @Nullable Throwable failed;

    /** Made by JMH. */
    public DirectBench() {}

    /**
     * Writes the file, opens it with and without a cache, and brings in what is to be cached.
     *
     * @throws IOException if it cannot
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        path = Files.createTempFile("quire-direct", ".pages");
        OpenOption[] options = {
            StandardOpenOption.READ, StandardOpenOption.WRITE, DirectOption.DIRECT
        };
        AsyncIoConfig config = AsyncIoConfig.builder().queueDepth(DEPTH).build();
        io = AsyncIo.open(config);
        raw = io.open(path, options);
        MemorySegment large = Arena.ofAuto().allocate(WRITE_BYTES, PAGE_BYTES);
        for (long at = 0; at < (long) PAGES * PAGE_BYTES; at += WRITE_BYTES) {
            large.fill((byte) (at >>> 20));
            raw.write(large, at);
        }
        raw.sync();
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) PAGES / 5 * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .io(config)
                                .build());
        file = cache.open(path, options);
        try (PageCursor cursor = file.cursor()) {
            for (int i = 0; i < PAGES / 100 * cachedPercent; i++) {
                cursor.read(i * 7919L % PAGES); // scattered
            }
        }
    }

    /**
     * Removes the file.
     *
     * @throws IOException if it cannot
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cache.close();
        raw.close();
        io.close();
        Files.delete(path);
    }

    /** Begins a transfer, and goes on with the slot when it is over. */
    private interface Transfer {
        void begin(MemorySegment memory, long position, Slot slot);
    }

    /** A transfer under way, and the one after it. */
    private final class Slot {
        private final MemorySegment memory;
        private final Transfer transfer;
        private long random;

        Slot(int number, Transfer transfer) {
            memory = buffers.asSlice((long) number * PAGE_BYTES, PAGE_BYTES);
            this.transfer = transfer;
            random = SEED * (number + 1) | 1; // a generator of this kind stays at 0
        }

        void next() {
            if (unstarted.getAndDecrement() > 0) {
                random ^= random << 13;
                random ^= random >>> 7;
                random ^= random << 17;
                long page = Math.unsignedMultiplyHigh(random, PAGES);
                transfer.begin(memory, page * PAGE_BYTES, this);
            } else if (running.decrementAndGet() == 0) {
                LockSupport.unpark(waiter);
            }
        }

        void over(@Nullable Throwable failure) {
            if (failure != null) {
                failed = failure;
            }
            next();
        }
    }

    private void run(Transfer transfer) {
        waiter = Thread.currentThread();
        unstarted.set(TRANSFERS / SHARE);
        running.set(DEPTH);
        for (int i = 0; i < DEPTH; i++) {
            new Slot(i, transfer).next();
        }
        while (running.get() > 0) {
            LockSupport.park(this);
        }
        if (failed != null) {
            throw new IllegalStateException(failed);
        }
    }

    /** Through the file that has a cache. */
    @Benchmark
    @OperationsPerInvocation(TRANSFERS)
    public void directReads() {
        run(
                (memory, position, slot) ->
                        file.readDirect(
                                memory,
                                position,
                                (bytes, failure) -> slot.over(failure),
                                Runnable::run));
    }

    /** Without a cache. */
    @Benchmark
    @OperationsPerInvocation(TRANSFERS)
    public void rawReads() {
        run(
                (memory, position, slot) ->
                        raw.read(memory, position, (bytes, failure) -> slot.over(failure)));
    }

    /** Through the file that has a cache; what is cached is dropped by the first writes. */
    @Benchmark
    @OperationsPerInvocation(TRANSFERS)
    public void directWrites() {
        run(
                (memory, position, slot) ->
                        file.writeDirect(
                                memory,
                                position,
                                (bytes, failure) -> slot.over(failure),
                                Runnable::run));
    }

    /** Without a cache. */
    @Benchmark
    @OperationsPerInvocation(TRANSFERS)
    public void rawWrites() {
        run(
                (memory, position, slot) ->
                        raw.write(memory, position, (bytes, failure) -> slot.over(failure)));
    }
}
