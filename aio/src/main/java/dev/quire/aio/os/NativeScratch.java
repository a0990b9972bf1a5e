package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Native memory of one platform thread: where a call leaves its errno, and room for an iovec array.
 *
 * <p>One thread only. Exists so that a system call allocates nothing.
 */
public final class NativeScratch {
    /** Most segments one vectored system call takes; longer vectors are split. */
    public static final int VECTOR_MAX = 256;

    // struct iovec { void *iov_base; size_t iov_len; }
    private static final long IOVEC_BYTES = 16;
    private static final long IOVEC_LENGTH_OFFSET = 8;

    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET =
            CAPTURE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final ThreadLocal<NativeScratch> CURRENT =
            ThreadLocal.withInitial(NativeScratch::new);

    private final MemorySegment capture;
    private final MemorySegment vector;
    private int vectorCount;

    private NativeScratch() {
        // The collector frees it with its thread.
        Arena arena = Arena.ofAuto();
        capture = arena.allocate(CAPTURE);
        vector = arena.allocate(VECTOR_MAX * IOVEC_BYTES, Long.BYTES);
    }

    /**
     * The scratch of the calling thread.
     *
     * @return the same object for every call of one thread
     */
    public static NativeScratch current() {
        return CURRENT.get();
    }

    /** Starts an empty vector. */
    public void vectorClear() {
        vectorCount = 0;
    }

    /**
     * Adds a run of memory to the vector.
     *
     * @param address first byte
     * @param bytes length in bytes
     * @return false when the vector is full; nothing was added then
     */
    public boolean vectorAdd(long address, long bytes) {
        if (vectorCount == VECTOR_MAX) {
            return false;
        }
        long at = vectorCount * IOVEC_BYTES;
        vector.set(ValueLayout.JAVA_LONG, at, address);
        vector.set(ValueLayout.JAVA_LONG, at + IOVEC_LENGTH_OFFSET, bytes);
        vectorCount++;
        return true;
    }

    int vectorCount() {
        return vectorCount;
    }

    MemorySegment vector() {
        return vector;
    }

    MemorySegment capture() {
        return capture;
    }

    int errno() {
        return capture.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }
}
