package dev.quire.pagecache.space;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * The slots of 512 consecutive pages of a file, and which of them are dirty.
 *
 * <p>A chunk is made on first touch and dropped when nothing is left in it. Its live count, the
 * number of slots that are not ABSENT, has a final state CLOSED: an insert raises the count before
 * it stores the slot and starts again at the directory when the chunk is CLOSED, so that no page
 * can be inserted into a chunk that lookups no longer find. Whoever keeps a dropped chunk reads the
 * slots of the same pages as its successor: they lie in the file's {@link SlotWindow}.
 *
 * <p>The slot of a resident page is changed only by the one who has the page to himself: its filler
 * (LOCKED, not up to date), the holder of EXCLUSIVE, the one who froze its frame; or, from BUSY to
 * READABLE, the holder of SHARED_EXCLUSIVE.
 */
public final class Chunk {
    /** log2 of the pages in a chunk. */
    public static final int SHIFT = 9;

    /** Pages in a chunk. 512 slots of 8 bytes are one 4 KiB page of translation. */
    public static final int PAGES = 1 << SHIFT;

    private static final int CLOSED = -1;

    private static final VarHandle DIRTY = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle LIVE;

    static {
        try {
            LIVE = MethodHandles.lookup().findVarHandle(Chunk.class, "live", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long number;
    private final MemorySegment memory; // keeps it mapped
    private final long firstSlot;
    private final long[] dirty = new long[PAGES / Long.SIZE];

    @SuppressWarnings("UnusedVariable") // through LIVE
    private volatile int live;

    /**
     * A chunk without a page.
     *
     * @param number its place in the file: its first page is {@code number * PAGES}
     * @param slots memory for {@link #PAGES} slots, all ABSENT
     */
    public Chunk(long number, MemorySegment slots) {
        this.number = number;
        memory = slots.asSlice(0, (long) PAGES << Slots.SHIFT);
        firstSlot = slots.address() >>> Slots.SHIFT;
    }

    /**
     * The first page of the chunk.
     *
     * @return a multiple of {@link #PAGES}
     */
    public long firstPage() {
        return number << SHIFT;
    }

    /**
     * Which chunk a page is in.
     *
     * @param page page index
     * @return the chunk's number
     */
    public static long number(long page) {
        return page >>> SHIFT;
    }

    /**
     * Where in its chunk a page is.
     *
     * @param page page index
     * @return 0..PAGES-1
     */
    public static int index(long page) {
        return (int) page & (PAGES - 1);
    }

    // ---- slots

    /**
     * The place of a slot.
     *
     * @param index 0..PAGES-1
     * @return for {@link Slots}; usable as long as the chunk can be reached
     */
    public long at(int index) {
        return firstSlot + index;
    }

    /**
     * A slot, before the bytes it names are read.
     *
     * @param index 0..PAGES-1
     * @return the slot, read with acquire
     */
    public long slot(int index) {
        try {
            return Slots.get(at(index));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * As {@link Slots#validate}.
     *
     * @param index 0..PAGES-1
     * @param seen what {@link #slot} answered before the bytes were read
     * @return true if everything read since then is valid
     */
    public boolean validate(int index, long seen) {
        try {
            return Slots.validate(at(index), seen);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * As {@link Slots#beginStores}.
     *
     * @param index 0..PAGES-1, a page that the caller has to itself
     */
    public void beginStores(int index) {
        try {
            Slots.beginStores(at(index));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * As {@link Slots#publish}.
     *
     * @param index 0..PAGES-1, a page that the caller has to itself
     * @param slot the new slot, not ABSENT
     */
    public void publish(int index, long slot) {
        try {
            Slots.publish(at(index), slot);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /**
     * Inserts a page that nobody else may have inserted meanwhile.
     *
     * @param index 0..PAGES-1
     * @param seen what the slot held, not resident
     * @param slot the new slot, resident
     * @return whether it stands there now; false also when the chunk was dropped
     */
    public boolean insert(int index, long seen, long slot) {
        if (seen != Slot.ABSENT) {
            return isOpen() && compareAndSet(index, seen, slot);
        }
        if (!raiseLive()) {
            return false;
        }
        if (compareAndSet(index, seen, slot)) {
            return true;
        }
        LIVE.getAndAdd(this, -1);
        return false;
    }

    /**
     * Takes a page, or its shadow, out for good.
     *
     * @param index 0..PAGES-1
     * @param seen what the slot holds, not ABSENT
     * @return whether the caller's change it was; false also when the chunk was dropped
     */
    public boolean clear(int index, long seen) {
        if (!isOpen() || !compareAndSet(index, seen, Slot.ABSENT)) {
            return false;
        }
        LIVE.getAndAdd(this, -1);
        return true;
    }

    /** Whether its slots are counted here, rather than by its successor. */
    private boolean isOpen() {
        return (int) LIVE.getAcquire(this) != CLOSED;
    }

    private boolean compareAndSet(int index, long seen, long slot) {
        try {
            return Slots.compareAndSet(at(index), seen, slot);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    private boolean raiseLive() {
        while (true) {
            int count = (int) LIVE.getAcquire(this);
            if (count == CLOSED) {
                return false;
            }
            if (LIVE.compareAndSet(this, count, count + 1)) {
                return true;
            }
        }
    }

    /**
     * Closes the chunk for good if nothing is in it.
     *
     * @return whether it is closed; the caller unlinks it from the directory
     */
    public boolean tryClose() {
        return LIVE.compareAndSet(this, 0, CLOSED);
    }

    /**
     * How many slots are not ABSENT.
     *
     * @return 0..PAGES, or negative when closed
     */
    public int live() {
        return (int) LIVE.getAcquire(this);
    }

    // ---- dirty index: a search aid; the truth is the frame's DIRTY flag

    /**
     * Marks a page dirty in the index, before its frame becomes DIRTY.
     *
     * @param index 0..PAGES-1, a page that the caller has to itself or under write-back
     * @return whether it was not marked yet
     */
    public boolean markDirty(int index) {
        long bit = 1L << index;
        int word = index / Long.SIZE;
        if (((long) DIRTY.getOpaque(dirty, word) & bit) != 0) {
            return false;
        }
        return ((long) DIRTY.getAndBitwiseOr(dirty, word, bit) & bit) == 0;
    }

    /**
     * Takes a page out of the dirty index, after its frame has ceased to be DIRTY.
     *
     * @param index 0..PAGES-1, a page that the caller has to itself or under write-back
     * @return whether it was marked
     */
    public boolean unmarkDirty(int index) {
        long bit = 1L << index;
        return ((long) DIRTY.getAndBitwiseAnd(dirty, index / Long.SIZE, ~bit) & bit) != 0;
    }

    /**
     * The next page that is marked dirty.
     *
     * @param from 0..PAGES
     * @return its index, or PAGES when there is none
     */
    public int nextDirty(int from) {
        int index = from;
        while (index < PAGES) {
            long bits = (long) DIRTY.getAcquire(dirty, index / Long.SIZE) >>> index;
            if (bits != 0) {
                return index + Long.numberOfTrailingZeros(bits);
            }
            index = (index / Long.SIZE + 1) * Long.SIZE;
        }
        return PAGES;
    }
}
