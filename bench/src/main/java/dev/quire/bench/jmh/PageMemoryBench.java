package dev.quire.bench.jmh;

import dev.quire.bench.pages.PagePeer;
import dev.quire.bench.pages.PageSubject;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * What a cached page costs beside its own bytes: how much more of the heap is used, after
 * collections, once all pages are there; and what the subject says that it holds outside. The time
 * it takes to fill is JMH's own result, and of no interest.
 *
 * <p>The serial collector counts used memory exactly; G1 would count whole regions.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xmx2g",
            "-XX:MaxDirectMemorySize=1g"
        })
@State(Scope.Benchmark)
public class PageMemoryBench {
    private static final int COLLECTIONS = 3;

    @Param({"QUIRE", "CAFFEINE", "CHM"})
    private PagePeer peer = PagePeer.QUIRE;

    @Param("65536")
    private int pages;

    /** Made by JMH. */
    public PageMemoryBench() {}

    /** What JMH reports beside the time. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Memory {
        /** Bytes of heap for each page that there is room for. */
        public double heapBytes;

        /** Bytes outside of the heap a page, the page itself left out. */
        public double nativeBytes;

        /** Made by JMH. */
        public Memory() {}
    }

    /**
     * Fills it.
     *
     * @param memory the result
     * @return so that nothing of it is collected before it is counted
     * @throws IOException never
     */
    @Benchmark
    public long fill(Memory memory) throws IOException {
        // Classes and tables that come with the first pages are not the pages' own.
        peer.open(Math.min(pages, 256)).close();
        long before = usedHeap();
        try (PageSubject subject = peer.open(pages)) {
            memory.heapBytes = (double) (usedHeap() - before) / subject.room(pages);
            memory.nativeBytes = (double) subject.nativeBytes() / pages;
            return subject.access().read(pages - 1L);
        }
    }

    /** The least of several looks: what threads of the JVM allocate meanwhile is no page's. */
    private static long usedHeap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least =
                    Math.min(
                            least,
                            ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
