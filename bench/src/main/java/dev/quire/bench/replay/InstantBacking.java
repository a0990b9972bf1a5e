package dev.quire.bench.replay;

import dev.quire.pagecache.backing.AddressSpaceOps;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store whose reads are over at once. It leaves the pages as they are, so that their memory is
 * never touched and a large cache costs no more than a small one.
 */
final class InstantBacking implements AddressSpaceOps {
    private final long sizeBytes;
    private final AtomicInteger reads = new AtomicInteger();

    InstantBacking(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    /** How many pages were read, by all threads. */
    int reads() {
        return reads.get();
    }

    @Override
    public int readPage(long page, MemorySegment into) {
        reads.incrementAndGet();
        return (int) into.byteSize();
    }

    @Override
    public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {
        throw new IllegalStateException("a replay writes nothing: page=" + firstPage);
    }

    @Override
    public void sync() {}

    @Override
    public void truncate(long sizeBytes) {
        throw new IllegalStateException("a replay cuts nothing: sizeBytes=" + sizeBytes);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }
}
