package dev.quire.bench.jmh;

import dev.quire.bench.alloc.Peer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Blocks of several frames, taken and given back at once. */
public class AllocatorOrderBench extends PeerBench {
    @Param private Peer peer = Peer.NONE;

    @Param({"1", "2", "3", "9", "10"})
    private int order;

    /** Made by JMH. */
    public AllocatorOrderBench() {}

    /** Opens the allocator. */
    @Setup(Level.Trial)
    public void open() {
        open(peer, 1);
    }

    /**
     * A block of {@code 4096 << order} bytes.
     *
     * @return its address
     */
    @Benchmark
    public long block() {
        return subject.pair(order);
    }
}
