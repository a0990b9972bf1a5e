package dev.quire.bench.jmh;

import dev.quire.bench.alloc.Peer;
import dev.quire.bench.alloc.Subject;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Single frames out of a region of which 99 % are taken, the free ones strewn over all of it. Only
 * for those who have a region that can be full.
 */
public class AllocatorNearFullBench extends PeerBench {
    private static final int FREE = Subject.CAPACITY_FRAMES / 100;
    private static final int BATCH = 1024;

    /** The first ones are free between two invocations. */
    private final int[] slots = shuffled(Subject.CAPACITY_FRAMES);

    private final int[] order = shuffled(BATCH);

    @Param({"NONE", "QUIRE", "LOCK_FREE_BUDDY", "LOCKED_BUDDY"})
    private Peer peer = Peer.NONE;

    /** Made by JMH. */
    public AllocatorNearFullBench() {}

    /** Takes everything, and gives one in a hundred back. */
    @Setup(Level.Trial)
    public void open() {
        open(peer, Subject.CAPACITY_FRAMES);
        for (int slot = 0; slot < Subject.CAPACITY_FRAMES; slot++) {
            subject.take(slot);
        }
        for (int i = 0; i < FREE; i++) {
            subject.give(slots[i]);
        }
    }

    @Override
    protected void empty() {
        for (int i = FREE; i < Subject.CAPACITY_FRAMES; i++) {
            subject.give(slots[i]);
        }
    }

    /**
     * A batch of frames, given back in another order; a frame's share.
     *
     * @return the sum of their addresses
     */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long nearFull() {
        long addresses = 0;
        for (int i = 0; i < BATCH; i++) {
            addresses += subject.take(slots[i]);
        }
        for (int i : order) {
            subject.give(slots[i]);
        }
        return addresses;
    }
}
