package dev.quire.aio.os;

/**
 * The events that the kernel has for a ring's owner; one thread, one event at a time.
 *
 * <pre>
 * struct io_uring_cqe:   0 user_data u64   8 res s32   12 flags u32
 * </pre>
 */
final class CompletionQueue {
    static final int EVENT_BYTES = 16;

    private final RingMemory ring;
    private final long headOffset;
    private final long tailOffset;
    private final long eventsOffset;
    private final int mask;
    private int head;

    private long userData;
    private int result;

    CompletionQueue(RingMemory ring, RingParams params) {
        this.ring = ring;
        headOffset = params.cqHead();
        tailOffset = params.cqTail();
        eventsOffset = params.cqEvents();
        mask = params.cqEntries() - 1;
        head = ring.get(headOffset);
    }

    boolean isEmpty() {
        // Ordering: the tail is read with acquire, before any event.
        // Pairs:    the kernel, which releases the tail after the event.
        // Gives:    an event is read only when it is whole.
        // Checked:
        // RingOrderTest.shouldReadTheTailBeforeAnEventAndTheEventBeforeItsPlaceIsGivenBack.
        return head == ring.getAcquire(tailOffset);
    }

    /** Takes the next event, and gives its place back; false when there is none. */
    boolean next() {
        if (isEmpty()) {
            return false;
        }
        long at = eventsOffset + (long) (head & mask) * EVENT_BYTES;
        userData = ring.getLong(at);
        result = ring.get(at + 8);
        head++;
        // Ordering: the event is read before the head is released.
        // Pairs:    the kernel, which reads the head with acquire before it writes an event.
        // Gives:    no event is overwritten before it is read.
        // Checked:
        // RingOrderTest.shouldReadTheTailBeforeAnEventAndTheEventBeforeItsPlaceIsGivenBack.
        ring.setRelease(headOffset, head);
        return true;
    }

    /** What the entry of the event taken last was marked with. */
    long userData() {
        return userData;
    }

    /** Result of the event taken last, or minus an error number. */
    int result() {
        return result;
    }
}
