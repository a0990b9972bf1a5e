package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct io_uring_params}: what is asked of the kernel for a ring, and what it answers.
 *
 * <pre>
 *   0 sq_entries   4 cq_entries   8 flags   12 sq_thread_cpu   16 sq_thread_idle   20 features
 *  24 wq_fd   28 reserved
 *  40 sq_off: 0 head  4 tail  8 ring_mask  12 ring_entries  16 flags  20 dropped  24 array
 *  80 cq_off: 0 head  4 tail  8 ring_mask  12 ring_entries  16 overflow  20 cqes
 * </pre>
 */
final class RingParams {
    static final int BYTES = 120;

    /** One mapping holds both rings; Linux 5.4. */
    static final int FEATURE_SINGLE_MMAP = 1;

    /** The kernel keeps events that find the queue full; Linux 5.5. */
    static final int FEATURE_NODROP = 1 << 1;

    /** What an entry points to is read when it is submitted; Linux 5.5. */
    static final int FEATURE_SUBMIT_STABLE = 1 << 2;

    /** A ring with a kernel thread takes any descriptor; Linux 5.11. */
    static final int FEATURE_SQPOLL_ANY_FILE = 1 << 7;

    /** A sleep may end at a time; Linux 5.11. */
    static final int FEATURE_TIMED_ENTER = 1 << 8;

    /** Registered memory that is replaced while the ring is in use; Linux 5.13. */
    static final int FEATURE_REGISTER_UPDATE = 1 << 10;

    private static final int SQ = 40;
    private static final int CQ = 80;

    private final MemorySegment memory;

    RingParams(Arena arena) {
        this(arena.allocate(BYTES, Long.BYTES));
    }

    /** Over memory that the kernel, or a test in its place, fills. */
    RingParams(MemorySegment memory) {
        this.memory = memory;
    }

    void ask(int flags, int cqEntries, int pollMillis) {
        memory.fill((byte) 0);
        memory.set(ValueLayout.JAVA_INT, 4, cqEntries);
        memory.set(ValueLayout.JAVA_INT, 8, flags);
        memory.set(ValueLayout.JAVA_INT, 16, pollMillis);
    }

    MemorySegment memory() {
        return memory;
    }

    int flags() {
        return field(8);
    }

    int features() {
        return field(20);
    }

    int sqEntries() {
        return field(0);
    }

    int cqEntries() {
        return field(4);
    }

    int sqHead() {
        return field(SQ);
    }

    int sqTail() {
        return field(SQ + 4);
    }

    int sqFlags() {
        return field(SQ + 16);
    }

    int sqArray() {
        return field(SQ + 24);
    }

    int cqHead() {
        return field(CQ);
    }

    int cqTail() {
        return field(CQ + 4);
    }

    int cqEvents() {
        return field(CQ + 20);
    }

    /** Length of the mapping that holds both rings. */
    long ringBytes() {
        long sq = sqArray() + (long) sqEntries() * Integer.BYTES;
        long cq = cqEvents() + (long) cqEntries() * CompletionQueue.EVENT_BYTES;
        return Math.max(sq, cq);
    }

    long entriesBytes() {
        return (long) sqEntries() * SubmissionQueue.ENTRY_BYTES;
    }

    private int field(int offset) {
        return memory.get(ValueLayout.JAVA_INT, offset);
    }
}
