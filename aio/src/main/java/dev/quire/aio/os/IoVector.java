package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An array of {@code struct iovec} for one vectored call; one thread at a time. */
public final class IoVector {
    /** Most segments one vector takes; longer ones are split. */
    public static final int SEGMENTS_MAX = 256;

    // struct iovec { void *iov_base; size_t iov_len; }
    private static final long IOVEC_BYTES = 16;
    private static final long LENGTH_OFFSET = 8;

    private final MemorySegment memory;
    private int count;

    /**
     * An empty vector.
     *
     * @param arena what its memory lives in
     */
    public IoVector(Arena arena) {
        memory = arena.allocate(SEGMENTS_MAX * IOVEC_BYTES, Long.BYTES);
    }

    /** Starts an empty vector. */
    public void clear() {
        count = 0;
    }

    /**
     * Adds a run of memory.
     *
     * @param address first byte
     * @param bytes length in bytes
     * @return false when the vector is full; nothing was added then
     */
    public boolean add(long address, long bytes) {
        if (count == SEGMENTS_MAX) {
            return false;
        }
        long at = count * IOVEC_BYTES;
        memory.set(ValueLayout.JAVA_LONG, at, address);
        memory.set(ValueLayout.JAVA_LONG, at + LENGTH_OFFSET, bytes);
        count++;
        return true;
    }

    /**
     * Holds the first of some segments, as many as fit.
     *
     * @param segments where they are
     * @param from index of the first
     * @param segmentCount how many
     * @param skip bytes of the first to leave out
     */
    public void fill(MemorySegment[] segments, int from, int segmentCount, long skip) {
        clear();
        long skipped = skip;
        for (int i = from; i < from + segmentCount; i++) {
            MemorySegment segment = segments[i];
            if (!add(segment.address() + skipped, segment.byteSize() - skipped)) {
                break;
            }
            skipped = 0;
        }
    }

    /**
     * How many runs it holds.
     *
     * @return 0 to {@link #SEGMENTS_MAX}
     */
    public int count() {
        return count;
    }

    /**
     * Where it is, for the kernel.
     *
     * @return address of the first {@code struct iovec}
     */
    public long address() {
        return memory.address();
    }

    MemorySegment memory() {
        return memory;
    }
}
