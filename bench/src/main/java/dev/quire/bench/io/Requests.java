package dev.quire.bench.io;

import java.util.concurrent.atomic.AtomicLong;

/** The requests of one slot of a job, one after the other. One thread at a time. */
final class Requests {
    private final IoPattern pattern;
    private final int blockBytes;
    private final long blocks;
    private final AtomicLong sequence; // of the whole job
    private long random;
    private long position;
    private boolean write;

    Requests(IoShape shape, long fileBytes, AtomicLong sequence, long seed) {
        pattern = shape.pattern();
        blockBytes = shape.blockBytes();
        blocks = fileBytes / blockBytes;
        this.sequence = sequence;
        random = seed | 1; // a generator of this kind stays at 0
        write = pattern.writes();
    }

    /** Goes on to the next request. */
    void next() {
        if (!pattern.random()) {
            position = sequence.getAndIncrement() % blocks * blockBytes;
            return;
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        position = Math.unsignedMultiplyHigh(random, blocks) * blockBytes;
        if (pattern.reads() && pattern.writes()) {
            write = (random & 1 << 20) != 0;
        }
    }

    /** Offset in the file in bytes. */
    long position() {
        return position;
    }

    /** Whether it is a write. */
    boolean isWrite() {
        return write;
    }
}
