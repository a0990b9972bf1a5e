package dev.quire.bench.jmh;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.IoCompletion;
import dev.quire.aio.IoException;
import dev.quire.bench.run.DirectOption;

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
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Random reads of 4 KiB in the callback form, a number of them under way, each completion making
 * the next: one read's share of the time. With {@code -prof gc} also the bytes of heap a read,
 * which are none. The file lies in {@code java.io.tmpdir}, direct where its file system offers
 * that; how fast a disk is, {@code quire io} tells better.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class AioBench {
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = 4096;
    private static final int READS = 4096;
    private static final long SEED = 42;

    @Param({"URING", "THREAD_POOL", "CHANNEL"})
    private Engine engine = Engine.AUTO;

    @Param({"1", "8", "32", "128"})
    private int depth;

    private final AtomicInteger unstarted = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final Arena arena = Arena.ofShared();

    @SuppressWarnings("NullAway.Init") // by open
    private Path path;

    @SuppressWarnings("NullAway.Init") // by open
    private AsyncIo io;

    @SuppressWarnings("NullAway.Init") // by open
    private AsyncFile file;

    @SuppressWarnings("NullAway.Init") // by open
    private Slot[] slots;

    private volatile @Nullable Thread waiter;
    private volatile @Nullable IoException failed;

    /** Made by JMH. */
    public AioBench() {}

    /** A read under way, and the one after it. */
    private final class Slot implements IoCompletion {
        private final MemorySegment memory = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
        private long random;

        Slot(long seed) {
            random = seed | 1; // a generator of this kind stays at 0
        }

        void next() {
            if (unstarted.getAndDecrement() > 0) {
                random ^= random << 13;
                random ^= random >>> 7;
                random ^= random << 17;
                long block = Math.unsignedMultiplyHigh(random, BLOCKS);
                file.read(memory, block * BLOCK_BYTES, this);
            } else if (running.decrementAndGet() == 0) {
                LockSupport.unpark(waiter);
            }
        }

        @Override
        public void complete(long bytes, @Nullable IoException failure) {
            if (failure != null) {
                failed = failure;
            }
            next();
        }
    }

    /**
     * Makes the file and starts the engine; another one, and says so, where that is refused.
     *
     * @throws IOException when the disk fails
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        path = Files.createTempFile("quire-aio-bench", null);
        byte[] contents = new byte[BLOCK_BYTES * BLOCKS];
        new Random(SEED).nextBytes(contents);
        Files.write(path, contents);
        io = open(engine);
        try {
            file = io.open(path, StandardOpenOption.READ, DirectOption.DIRECT);
        } catch (IOException e) {
            file = io.open(path, StandardOpenOption.READ);
        }
        slots = new Slot[depth];
        for (int i = 0; i < depth; i++) {
            slots[i] = new Slot(SEED * (i + 1));
        }
        if (!Boolean.getBoolean("quire.bench.quiet")) {
            System.out.println("# " + file);
        }
    }

    private AsyncIo open(Engine wanted) {
        try {
            return AsyncIo.open(AsyncIoConfig.builder().engine(wanted).queueDepth(depth).build());
        } catch (IllegalStateException e) {
            System.out.println("# not measured: " + wanted + ": " + e.getMessage());
            return AsyncIo.open(AsyncIoConfig.builder().queueDepth(depth).build());
        }
    }

    /**
     * Ends the engine and removes the file.
     *
     * @throws IOException when the disk fails
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        io.close();
        arena.close();
        Files.delete(path);
    }

    /**
     * One read.
     *
     * @throws IOException when one failed
     */
    @Benchmark
    @OperationsPerInvocation(READS)
    public void read() throws IOException {
        waiter = Thread.currentThread();
        unstarted.set(READS);
        running.set(depth);
        for (Slot slot : slots) {
            slot.next();
        }
        while (running.get() > 0) {
            LockSupport.park(this);
        }
        if (failed != null) {
            throw failed;
        }
    }
}
