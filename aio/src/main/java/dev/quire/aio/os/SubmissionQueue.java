package dev.quire.aio.os;

/**
 * The entries that a ring's owner has for the kernel; one thread. Entries are added one by one and
 * shown to the kernel together.
 *
 * <pre>
 * struct io_uring_sqe:   0 opcode u8   1 flags u8   2 ioprio u16   4 fd s32   8 off u64
 *                       16 addr u64   24 len u32   28 flags of the operation u32
 *                       32 user_data u64   40 buf_index u16   42 .. 63 zero here
 * </pre>
 */
final class SubmissionQueue {
    static final int ENTRY_BYTES = 64;

    /** The descriptor is an index into the registered files. */
    static final int FIXED_FILE = 1;

    /** The next entry begins when this one succeeded in full, and is cancelled otherwise. */
    static final int LINK = 1 << 2;

    private static final int NEED_WAKE_UP = 1;
    private static final int EVENTS_OVERFLOWN = 1 << 1;

    private final RingMemory ring;
    private final RingMemory entries;
    private final long headOffset;
    private final long tailOffset;
    private final long flagsOffset;
    private final int capacity;
    private final int mask;
    private int tail;
    private int shown;

    SubmissionQueue(RingMemory ring, RingMemory entries, RingParams params) {
        this.ring = ring;
        this.entries = entries;
        headOffset = params.sqHead();
        tailOffset = params.sqTail();
        flagsOffset = params.sqFlags();
        capacity = params.sqEntries();
        mask = capacity - 1;
        tail = ring.get(tailOffset);
        shown = tail;
        // The kernel looks entries up through an array; here each stands at its own place for good.
        for (int i = 0; i < capacity; i++) {
            ring.put(params.sqArray() + (long) i * Integer.BYTES, i);
        }
    }

    int capacity() {
        return capacity;
    }

    /** How many entries the kernel has not taken yet, those included that it was not shown. */
    int pending() {
        // Ordering: the head is read with acquire.
        // Pairs:    the kernel, which releases the head after it has read an entry.
        // Gives:    an entry is written again only after the kernel is done with it.
        // Checked:  RingOrderTest.shouldReadTheHeadWithAcquireBeforeItWritesAnEntry.
        return tail - ring.getAcquire(headOffset);
    }

    boolean isFull() {
        return pending() == capacity;
    }

    /** Adds an entry; there must be room. The kernel sees it after {@link #show}. */
    void add(
            int opcode,
            int entryFlags,
            int fd,
            long address,
            int length,
            long position,
            int operationFlags,
            int buffer,
            long userData) {
        long at = (long) (tail & mask) * ENTRY_BYTES;
        entries.put(at, opcode | entryFlags << 8);
        entries.put(at + 4, fd);
        entries.putLong(at + 8, position);
        entries.putLong(at + 16, address);
        entries.put(at + 24, length);
        entries.put(at + 28, operationFlags);
        entries.putLong(at + 32, userData);
        entries.putLong(at + 40, buffer);
        entries.putLong(at + 48, 0);
        entries.putLong(at + 56, 0);
        tail++;
    }

    /** Shows the kernel all that was added. */
    void show() {
        if (shown == tail) {
            return;
        }
        // Ordering: the entries are stored before the tail is released, once for all of them.
        // Pairs:    the kernel, which reads the tail with acquire before the entries.
        // Gives:    the kernel never sees a tail without its entries, nor half of a link.
        // Checked:  RingOrderTest.shouldStoreEntriesBeforeTheTail.
        ring.setRelease(tailOffset, tail);
        shown = tail;
    }

    /** Whether the kernel's thread sleeps and has to be woken to see what it was shown. */
    boolean needsWakeUp() {
        // Ordering: the tail is stored, then a full fence, then the flags are read.
        // Pairs:    the kernel's thread, which sets the flag, fences, then looks at the tail again.
        // Gives:    either that thread sees the entries or this one sees that it sleeps.
        // Checked:  RingOrderTest.shouldFenceBetweenTheTailAndTheFlags.
        ring.fullFence();
        return (ring.getOpaque(flagsOffset) & NEED_WAKE_UP) != 0;
    }

    /** Whether the kernel holds events back because their queue was full. */
    boolean holdsEventsBack() {
        return (ring.getOpaque(flagsOffset) & EVENTS_OVERFLOWN) != 0;
    }
}
