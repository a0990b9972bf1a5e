package dev.quire.aio.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The entries that a ring's owner has for the kernel; one thread.
 *
 * <pre>
 * struct io_uring_sqe:
 *   0 opcode u8   1 flags u8   2 ioprio u16   4 fd s32   8 off u64   16 addr u64
 *  24 len u32   28 op flags u32   32 user_data u64   40 .. 63 zero here
 * </pre>
 */
final class SubmissionQueue {
    static final int ENTRY_BYTES = 64;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment ring;
    private final MemorySegment entries;
    private final long headOffset;
    private final long tailOffset;
    private final int capacity;
    private final int mask;
    private int tail;

    SubmissionQueue(MemorySegment ring, MemorySegment entries, RingParams params) {
        this.ring = ring;
        this.entries = entries;
        headOffset = params.sqHead();
        tailOffset = params.sqTail();
        capacity = params.sqEntries();
        mask = capacity - 1;
        tail = ring.get(ValueLayout.JAVA_INT, tailOffset);
        // The kernel looks entries up through an array; here each stands at its own place for good.
        for (int i = 0; i < capacity; i++) {
            ring.set(ValueLayout.JAVA_INT, params.sqArray() + (long) i * Integer.BYTES, i);
        }
    }

    /** How many entries the kernel has not taken yet. */
    int pending() {
        // Ordering: the head is read with acquire.
        // Pairs:    the kernel, which releases the head after it has read an entry.
        // Gives:    an entry is written again only after the kernel is done with it.
        // Checked:  RingQueuesTest.shouldRefuseAnEntryUntilTheKernelHasTakenOne.
        return tail - (int) INT.getAcquire(ring, headOffset);
    }

    boolean isFull() {
        return pending() == capacity;
    }

    /** Adds an entry; there must be room. */
    void add(
            int opcode,
            int fd,
            long address,
            int length,
            long position,
            int operationFlags,
            long userData) {
        long at = (long) (tail & mask) * ENTRY_BYTES;
        entries.set(ValueLayout.JAVA_INT, at, opcode);
        entries.set(ValueLayout.JAVA_INT, at + 4, fd);
        entries.set(ValueLayout.JAVA_LONG, at + 8, position);
        entries.set(ValueLayout.JAVA_LONG, at + 16, address);
        entries.set(ValueLayout.JAVA_INT, at + 24, length);
        entries.set(ValueLayout.JAVA_INT, at + 28, operationFlags);
        entries.set(ValueLayout.JAVA_LONG, at + 32, userData);
        entries.set(ValueLayout.JAVA_LONG, at + 40, 0);
        entries.set(ValueLayout.JAVA_LONG, at + 48, 0);
        entries.set(ValueLayout.JAVA_LONG, at + 56, 0);
        tail++;
        // Ordering: the entry is stored before the tail is released.
        // Pairs:    the kernel, which reads the tail with acquire before the entry.
        // Gives:    the kernel never sees a tail without its entry.
        // Checked:  RingQueuesTest.shouldShowEachEntryBelowItsTail, for what is there, not for the
        //           order: the other side is the kernel, and x86 keeps stores in order anyway.
        INT.setRelease(ring, tailOffset, tail);
    }
}
