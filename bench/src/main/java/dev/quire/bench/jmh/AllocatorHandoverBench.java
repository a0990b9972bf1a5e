package dev.quire.bench.jmh;

import dev.quire.bench.alloc.Peer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

/**
 * One thread takes frames, another gives them back. The peer {@code NONE} is the price of handing
 * over. Confined arenas cannot be closed by another thread, and are left out.
 */
public class AllocatorHandoverBench extends PeerBench {
    private static final int SLOTS = 1024;

    private final HandoverRing ring = new HandoverRing(SLOTS);

    @Param({
        "NONE",
        "QUIRE",
        "LOCK_FREE_BUDDY",
        "LOCKED_BUDDY",
        "NETTY_POOLED",
        "NETTY_ADAPTIVE",
        "MALLOC"
    })
    private Peer peer = Peer.NONE;

    /** Made by JMH. */
    public AllocatorHandoverBench() {}

    /** Opens the allocator. */
    @Setup(Level.Trial)
    public void open() {
        open(peer, SLOTS);
    }

    /** Gives back what is on its way when the threads stop. */
    @TearDown(Level.Iteration)
    public void drain() {
        for (int slot = ring.full(); slot != HandoverRing.NO_SLOT; slot = ring.full()) {
            subject.give(slot);
            ring.emptied();
        }
    }

    /**
     * The one that takes.
     *
     * @param control says when to stop waiting for the other
     * @return the frame's address; 0 when there was none
     */
    @Benchmark
    @Group("remoteFree")
    public long take(Control control) {
        int slot = ring.empty();
        while (slot == HandoverRing.NO_SLOT) {
            if (control.stopMeasurement) {
                return 0;
            }
            Thread.onSpinWait();
            slot = ring.empty();
        }
        long address = subject.take(slot);
        ring.filled();
        return address;
    }

    /**
     * The one that gives back.
     *
     * @param control says when to stop waiting for the other
     */
    @Benchmark
    @Group("remoteFree")
    public void give(Control control) {
        int slot = ring.full();
        while (slot == HandoverRing.NO_SLOT) {
            if (control.stopMeasurement) {
                return;
            }
            Thread.onSpinWait();
            slot = ring.full();
        }
        subject.give(slot);
        ring.emptied();
    }
}
