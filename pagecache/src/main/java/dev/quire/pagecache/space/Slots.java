package dev.quire.pagecache.space;

import dev.quire.allocator.os.RawMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The slots as they lie in memory, each by its place: its address divided by 8, so that the
 * compiler sees that it is aligned.
 *
 * <p>A place comes from a {@link SlotWindow}, and belongs to one page of one file for as long as
 * anybody can reach the window. So a slot that is read again at its place is the same page's.
 */
public final class Slots {
    /** log2 of the bytes of a slot. */
    public static final int SHIFT = 3;

    /** The place of a slot that is always ABSENT. */
    public static final long NOWHERE =
            Arena.global().allocate(Long.BYTES, Long.BYTES).address() >>> SHIFT;

    private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

    private Slots() {}

    /**
     * A slot, before the bytes it names are read.
     *
     * @param at its place
     * @return the slot, read with acquire
     */
    public static long get(long at) {
        return (long) LONGS.getAcquire(RawMemory.ALL, at << SHIFT);
    }

    /**
     * A slot, with no order to anything else.
     *
     * @param at its place
     * @return the slot
     */
    static long getOpaque(long at) {
        return (long) LONGS.getOpaque(RawMemory.ALL, at << SHIFT);
    }

    /**
     * Whether a slot is what it was: the end of an optimistic read.
     *
     * @param at its place
     * @param seen what {@link #get} answered before the bytes were read
     * @return true if everything read since then is valid
     */
    public static boolean validate(long at, long seen) {
        // Ordering: the bytes are read before the slot is read again.
        // Pairs:    beginStores: slot BUSY, releaseFence, stores.
        // Gives:    bytes of a writer or of the frame's next page are never validated.
        // Checked:  src-test jcstress OptimisticReadAgainstWrite.
        VarHandle.acquireFence();
        return getOpaque(at) == seen;
    }

    /**
     * Makes a resident page unreadable before its bytes are stored into.
     *
     * @param at the place of a page that the caller has to itself
     */
    public static void beginStores(long at) {
        // Ordering: the slot is BUSY before the first store into the bytes.
        // Pairs:    validate: loads, acquireFence, slot.
        // Gives:    who reads one of the new bytes finds the slot changed.
        // Checked:  src-test jcstress OptimisticReadAgainstWrite.
        LONGS.setOpaque(RawMemory.ALL, at << SHIFT, Slot.busy(getOpaque(at)));
        VarHandle.releaseFence();
    }

    /**
     * Makes a resident page readable, or changes what stands in its slot in another way; all stores
     * into the bytes come before it.
     *
     * @param at the place of a page that the caller has to itself
     * @param slot the new slot, not ABSENT
     */
    public static void publish(long at, long slot) {
        LONGS.setRelease(RawMemory.ALL, at << SHIFT, slot);
    }

    static boolean compareAndSet(long at, long seen, long slot) {
        return LONGS.compareAndSet(RawMemory.ALL, at << SHIFT, seen, slot);
    }
}
