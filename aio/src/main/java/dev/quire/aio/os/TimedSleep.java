package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The argument of a sleep that ends at a time.
 *
 * <pre>
 * struct io_uring_getevents_arg:   0 sigmask u64   8 sigmask_sz u32   12 reserved   16 ts u64
 * struct __kernel_timespec:       24 seconds s64  32 nanoseconds s64
 * </pre>
 */
final class TimedSleep {
    /** Length of the argument, without what it points to. */
    static final int BYTES = 24;

    private final MemorySegment memory;

    TimedSleep(Arena arena) {
        memory = arena.allocate(BYTES + 16, Long.BYTES);
        memory.set(ValueLayout.JAVA_LONG, 16, memory.address() + BYTES);
    }

    void set(long seconds, long nanos) {
        memory.set(ValueLayout.JAVA_LONG, BYTES, seconds);
        memory.set(ValueLayout.JAVA_LONG, BYTES + 8, nanos);
    }

    long address() {
        return memory.address();
    }
}
