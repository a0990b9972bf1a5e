package dev.quire.bench.pages;

import dev.quire.pagecache.backing.AddressSpaceOps;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/** A store that reads as zeros and forgets what is written: no device in the measurement. */
public final class ZeroBacking implements AddressSpaceOps {
    private final AtomicLong sizeBytes = new AtomicLong();

    /** An empty one. */
    public ZeroBacking() {}

    @Override
    public int readPage(long page, MemorySegment into) {
        return 0;
    }

    @Override
    public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {
        sizeBytes.accumulateAndGet(endBytes, Math::max);
    }

    @Override
    public void sync() {}

    @Override
    public void truncate(long sizeBytes) {
        this.sizeBytes.set(sizeBytes);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes.get();
    }
}
