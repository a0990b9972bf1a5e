package dev.quire.bench.jmh;

import dev.quire.bench.alloc.Peer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Threads;

/** Single frames of 4 KiB, taken and given back. */
public class AllocatorBench extends PeerBench {
    private static final int BULK = 1 << 16;
    private static final int VIRTUAL_THREADS = 10_000;

    private final int[] order = shuffled(BULK);
    private final Thread[] virtualThreads = new Thread[VIRTUAL_THREADS];
    private final Runnable pair = this::order0;

    @Param private Peer peer = Peer.NONE;

    /** Made by JMH. */
    public AllocatorBench() {}

    /** Opens the allocator. */
    @Setup(Level.Trial)
    public void open() {
        open(peer, BULK);
    }

    /**
     * One frame, given back at once.
     *
     * @return its address
     */
    @Benchmark
    public long order0() {
        return subject.pair(0);
    }

    /**
     * The same by two threads, each with frames of its own.
     *
     * @return its address
     */
    @Benchmark
    @Threads(2)
    public long order0TwoThreads() {
        return subject.pair(0);
    }

    /**
     * 256 MiB in frames, given back in random order; a frame's share.
     *
     * @return the sum of their addresses
     */
    @Benchmark
    @OperationsPerInvocation(BULK)
    public long bulk() {
        long addresses = 0;
        for (int slot = 0; slot < BULK; slot++) {
            addresses += subject.take(slot);
        }
        for (int slot : order) {
            subject.give(slot);
        }
        return addresses;
    }

    /**
     * Virtual threads that take one frame each and give it back; a thread's share, its start and
     * its end included.
     *
     * @throws InterruptedException when the run is stopped
     */
    @Benchmark
    @OperationsPerInvocation(VIRTUAL_THREADS)
    public void virtualThreads() throws InterruptedException {
        for (int i = 0; i < VIRTUAL_THREADS; i++) {
            virtualThreads[i] = Thread.startVirtualThread(pair);
        }
        for (Thread thread : virtualThreads) {
            thread.join();
        }
    }
}
