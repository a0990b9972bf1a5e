package dev.quire.bench.jmh;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;

/**
 * A frame taken and given back, beside C's {@code malloc} and {@code free} of as many bytes, called
 * the cheapest way that Java has.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
@State(Scope.Benchmark)
public class AllocateBench {
    private static final long FRAME_BYTES = 4096;
    private static final MethodHandle MALLOC =
            critical("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE =
            critical("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

    private final PageAllocator allocator =
            PageAllocator.create(
                    AllocatorConfig.builder().capacityBytes(1L << 30).pageBytes(4096).build());

    /** Made by JMH. */
    public AllocateBench() {}

    @SuppressWarnings("restricted")
    private static MethodHandle critical(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find(name).orElseThrow(),
                descriptor,
                Linker.Option.critical(false));
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
        allocator.close();
    }

    /** A single frame. */
    @Benchmark
    public void order0() {
        allocator.put(allocator.allocate(0));
    }

    /** A block of 2 MiB. */
    @Benchmark
    public void order9() {
        allocator.put(allocator.allocate(9));
    }

    /**
     * C's allocator.
     *
     * @throws Throwable never
     */
    @Benchmark
    public void malloc4k() throws Throwable {
        FREE.invokeExact((MemorySegment) MALLOC.invokeExact(FRAME_BYTES));
    }
}
