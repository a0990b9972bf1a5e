package dev.quire.aio;

import dev.quire.aio.os.IoVector;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;

/**
 * The requests that the kernel works on, found again by the tag that an event carries. One thread.
 *
 * <pre>
 *  63  62    61                 32 31               0
 * +---+------+---------------------+------------------+
 * | 0 | sync |     generation      |       slot       |      a tag
 * +---+------+---------------------+------------------+
 * sync: the event is that of the sync after a write
 * </pre>
 *
 * <p>Each life of a slot has tags of its own: a late or second event finds nothing.
 */
final class RingSlots {
    private static final int GENERATION_SHIFT = 32;
    private static final int GENERATION_MASK = (1 << 30) - 1;
    private static final long SYNC_TAG = 1L << 62;

    private final Arena arena;
    private final RingSlot[] slots;
    private final RingSlot[] free;
    private int freeCount;

    RingSlots(int count, Arena arena) {
        this.arena = arena;
        slots = new RingSlot[count];
        free = new RingSlot[count];
        for (int i = count - 1; i >= 0; i--) {
            slots[i] = new RingSlot(i);
            free[freeCount++] = slots[i];
        }
    }

    /** Puts a request into a slot, of which some parts are to come back from a ring. */
    RingSlot put(IoRequest request, Uring ring, int parts) {
        if (freeCount == 0) {
            throw new IllegalStateException("ring over its admission: slots=" + free.length);
        }
        RingSlot slot = free[--freeCount];
        slot.generation = slot.generation + 1 & GENERATION_MASK;
        slot.begin(request, ring, parts);
        return slot;
    }

    static long tag(RingSlot slot, int part) {
        return (part == RingSlot.SYNC ? SYNC_TAG : 0)
                | (long) slot.generation << GENERATION_SHIFT
                | slot.index;
    }

    static int part(long tag) {
        return (tag & SYNC_TAG) != 0 ? RingSlot.SYNC : RingSlot.TRANSFER;
    }

    /** The slot of a tag; null when it is of an earlier life of its slot, or of none. */
    @Nullable RingSlot find(long tag) {
        int index = (int) tag;
        if (index < 0 || index >= slots.length || tag < 0) {
            return null;
        }
        RingSlot slot = slots[index];
        int generation = (int) (tag >>> GENERATION_SHIFT) & GENERATION_MASK;
        return slot.isUsed() && slot.generation == generation ? slot : null;
    }

    /** Ends the life of a slot; answers the request that it held. */
    IoRequest free(RingSlot slot) {
        IoRequest request = slot.request;
        if (request == null) {
            throw new IllegalStateException("slot freed twice: slot=" + slot.index);
        }
        slot.request = null;
        slot.ring = null;
        free[freeCount++] = slot;
        return request;
    }

    /** Sees to it that the slot that is taken next has a vector: memory may be short. */
    void prepareVector() {
        if (freeCount > 0) {
            var _ = vector(free[freeCount - 1]);
        }
    }

    /** The vector of a slot, the kernel's until the event. */
    IoVector vector(RingSlot slot) {
        IoVector vector = slot.vector;
        if (vector == null) {
            vector = new IoVector(arena);
            slot.vector = vector;
        }
        return vector;
    }

    /** Every slot, used or not. */
    RingSlot[] all() {
        return slots;
    }

    int used() {
        return slots.length - freeCount;
    }

    boolean isFull() {
        return freeCount == 0;
    }

    boolean isEmpty() {
        return freeCount == slots.length;
    }
}
