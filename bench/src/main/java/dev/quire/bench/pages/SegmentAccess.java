package dev.quire.bench.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Pages that lie one after the other in one segment: nothing finds or guards them. */
record SegmentAccess(MemorySegment memory) implements PageAccess {
    @Override
    public long read(long page) {
        return memory.get(ValueLayout.JAVA_LONG, page * PageSubject.PAGE_BYTES);
    }

    @Override
    public void write(long page, long value) {
        memory.set(ValueLayout.JAVA_LONG, page * PageSubject.PAGE_BYTES, value);
    }

    @Override
    public long sum(long page) {
        long sum = 0;
        long first = page * PageSubject.PAGE_BYTES;
        for (int offset = 0; offset < PageSubject.PAGE_BYTES; offset += Long.BYTES) {
            sum += memory.get(ValueLayout.JAVA_LONG, first + offset);
        }
        return sum;
    }
}
