package dev.quire.bench.jmh;

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

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * What a read of one long costs at least: from a random page of plain native memory, without any
 * page cache. The page cache's own read is judged against these in the same run.
 *
 * <p>{@code hot} are 256 pages, {@code all} the whole 512 MiB, which no CPU cache and no TLB holds.
 * {@code pageNumber…} is the loop without the read: what is to be subtracted.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
@State(Scope.Benchmark)
public class RawSegmentReadBench {
    private static final int PAGE_BYTES = 8192;
    private static final int PAGES = (512 << 20) / PAGE_BYTES;
    private static final int HOT_PAGES = 256;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate((long) PAGES * PAGE_BYTES, PAGE_BYTES);

    /** Made by JMH. */
    public RawSegmentReadBench() {}

    /** Writes every page: memory that nobody wrote is all one page of zeros to the kernel. */
    @Setup(Level.Trial)
    public void fill() {
        for (long page = 0; page < PAGES; page++) {
            memory.set(ValueLayout.JAVA_LONG, page * PAGE_BYTES, page);
        }
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    /**
     * A read from the whole memory.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long readAll(PageNumbers random) {
        return memory.get(ValueLayout.JAVA_LONG, random.next(PAGES) * PAGE_BYTES);
    }

    /**
     * A read from the hot pages.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long readHot(PageNumbers random) {
        return memory.get(ValueLayout.JAVA_LONG, random.next(HOT_PAGES) * PAGE_BYTES);
    }

    /**
     * The loop around {@link #readAll}, without the read.
     *
     * @param random of this thread
     * @return where it would have read
     */
    @Benchmark
    public long pageNumberAll(PageNumbers random) {
        return random.next(PAGES) * PAGE_BYTES;
    }

    /**
     * The loop around {@link #readHot}, without the read.
     *
     * @param random of this thread
     * @return where it would have read
     */
    @Benchmark
    public long pageNumberHot(PageNumbers random) {
        return random.next(HOT_PAGES) * PAGE_BYTES;
    }
}
