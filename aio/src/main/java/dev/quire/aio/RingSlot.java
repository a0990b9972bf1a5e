package dev.quire.aio;

import dev.quire.aio.os.IoVector;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

/** A place for a request that the kernel works on, and what came back of it. The owner's. */
final class RingSlot {
    /** No sync was done, or none that counts. */
    static final int NOT_SYNCED = 1;

    /** The parts of a request that have an event of their own. */
    static final int TRANSFER = 1;

    static final int SYNC = 1 << 1;

    final int index;
    @Nullable IoRequest request;
    @Nullable Uring ring;
    @Nullable IoVector vector; // the kernel's until the event
    int generation;
    int result;
    int syncResult;
    boolean calledOff;

    private int awaited;
    private boolean cut;

    RingSlot(int index) {
        this.index = index;
    }

    void begin(IoRequest next, Uring on, int parts) {
        request = next;
        ring = on;
        awaited = parts;
        result = 0;
        syncResult = NOT_SYNCED;
        calledOff = false;
        cut = false;
    }

    boolean isUsed() {
        return request != null;
    }

    boolean awaits(int part) {
        return (awaited & part) != 0;
    }

    /** The sync may have begun before the end of the write. */
    void cutLink() {
        cut = true;
    }

    /** Takes the event of a part; false when it was not awaited. */
    boolean answer(int part, int value) {
        if (!awaits(part)) {
            return false;
        }
        awaited &= ~part;
        if (part == SYNC) {
            syncResult = cut && value == 0 ? NOT_SYNCED : value;
        } else {
            result = value;
        }
        return true;
    }

    boolean isOver() {
        return awaited == 0;
    }
}
