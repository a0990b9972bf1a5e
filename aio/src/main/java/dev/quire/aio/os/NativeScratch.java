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
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET =
            CAPTURE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final ThreadLocal<NativeScratch> CURRENT =
            ThreadLocal.withInitial(NativeScratch::new);

    private final MemorySegment capture;
    private final IoVector vector;

    private NativeScratch() {
        // The collector frees it with its thread.
        Arena arena = Arena.ofAuto();
        capture = arena.allocate(CAPTURE);
        vector = new IoVector(arena);
    }

    /**
     * The scratch of the calling thread.
     *
     * @return the same object for every call of one thread
     */
    public static NativeScratch current() {
        return CURRENT.get();
    }

    /**
     * The vector of this thread's next vectored call.
     *
     * @return always the same one
     */
    public IoVector vector() {
        return vector;
    }

    MemorySegment capture() {
        return capture;
    }

    int errno() {
        return capture.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
    }
}
