package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.PageHooks;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The log positions of changes that dirty pages hold: the first since the page was clean, which
 * says how far the log may be cut, and the highest, which must be durable before the page is
 * written. Two columns by frame, made for 512 frames at a time when one of them is first given a
 * position: no cost when unused, 16 bytes a frame otherwise.
 *
 * <p>A frame's entries are changed only by who has its page to himself: the holder of EXCLUSIVE,
 * whoever has it under write-back, or whoever moves it to another frame.
 */
public final class PageLsns {
    private static final int SHIFT = 9;
    private static final int FRAMES = 1 << SHIFT;
    private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(long[].class);

    // The first positions of 512 frames, then their highest ones.
    private final AtomicReferenceArray<long @Nullable []> blocks;

    PageLsns(int frameCount) {
        blocks = new AtomicReferenceArray<>((frameCount + FRAMES - 1) >>> SHIFT);
    }

    /**
     * Adds a change.
     *
     * @param frame where the changed page is, latched by the caller
     * @param lsn the change's log position
     */
    public void add(int frame, long lsn) {
        long[] block = blockToWrite(frame >>> SHIFT);
        int first = frame & (FRAMES - 1);
        int highest = first + FRAMES;
        ENTRIES.setRelease(block, first, Math.min(block[first], lsn));
        ENTRIES.setRelease(block, highest, Math.max(block[highest], lsn));
    }

    /**
     * The first change since the page was clean.
     *
     * @param frame where the page is
     * @return its log position, or {@link StoreWrites#NO_LSN}
     */
    public long first(int frame) {
        long[] block = blocks.getAcquire(frame >>> SHIFT);
        return block == null
                ? StoreWrites.NO_LSN
                : (long) ENTRIES.getAcquire(block, frame & (FRAMES - 1));
    }

    /**
     * The highest change since the page was clean.
     *
     * @param frame where the page is
     * @return its log position, or {@link PageHooks#GO}
     */
    public long highest(int frame) {
        long[] block = blocks.getAcquire(frame >>> SHIFT);
        return block == null
                ? PageHooks.GO
                : (long) ENTRIES.getAcquire(block, FRAMES + (frame & (FRAMES - 1)));
    }

    /**
     * The page ceases to be dirty: its log stays needed until the next sync.
     *
     * @param space whose page
     * @param frame where it is
     */
    void clean(AddressSpace space, int frame) {
        long lsn = first(frame);
        if (lsn == StoreWrites.NO_LSN) {
            return;
        }
        // Ordering: the position is among the unsynced ones before it leaves the page.
        // Pairs:    oldestDirty: the pages, then the unsynced ones.
        // Gives:    a position that is needed is found in one place or the other.
        // Checked:  LsnTest.shouldNeverMissAPageThatIsWrittenMeanwhile.
        space.writes().unsynced(lsn);
        put(frame, StoreWrites.NO_LSN, PageHooks.GO);
    }

    /**
     * The lowest log position that pages of a space still need.
     *
     * @param space which
     * @return {@link StoreWrites#NO_LSN} when there is none
     */
    public long oldestDirty(AddressSpace space) {
        long oldest = StoreWrites.NO_LSN;
        for (Chunk chunk = space.translation().findFrom(0);
                chunk != null;
                chunk = space.translation().findFrom(chunk.firstPage() + Chunk.PAGES)) {
            for (int index = chunk.nextDirty(0);
                    index < Chunk.PAGES;
                    index = chunk.nextDirty(index + 1)) {
                oldest = Math.min(oldest, firstOf(chunk, index));
            }
        }
        return Math.min(oldest, space.writes().oldestUnsynced());
    }

    /** The first change that a page holds; NO_LSN when it is not cached, or clean. */
    long firstOf(Chunk chunk, int index) {
        while (true) {
            long slot = chunk.slot(index);
            if (!Slot.isResident(slot)) {
                return StoreWrites.NO_LSN;
            }
            long first = first(Slot.frame(slot));
            // Pairs with copy and forget: position, slot, and only then the old position goes. The
            // version tells a page that has come back to the frame. src-test jcstress
            // LsnOfAMovingPage.
            if (Slot.busy(chunk.slot(index)) == Slot.busy(slot)) {
                return first;
            }
        }
    }

    /**
     * A page is about to move to another frame.
     *
     * @param from where it is, FROZEN by the caller
     * @param to where it is going to be, not in its slot yet
     */
    void copy(int from, int to) {
        long first = first(from);
        if (first != StoreWrites.NO_LSN) {
            put(to, first, highest(from));
        }
    }

    /**
     * A page has moved to another frame.
     *
     * @param from where it was: its slot names the other frame by now
     */
    void forget(int from) {
        if (first(from) != StoreWrites.NO_LSN) {
            put(from, StoreWrites.NO_LSN, PageHooks.GO);
        }
    }

    private void put(int frame, long first, long highest) {
        long[] block = blockToWrite(frame >>> SHIFT);
        ENTRIES.setRelease(block, FRAMES + (frame & (FRAMES - 1)), highest);
        ENTRIES.setRelease(block, frame & (FRAMES - 1), first);
    }

    /**
     * How many bytes of heap the columns take.
     *
     * @return bytes
     */
    public long metadataBytes() {
        long bytes = 4L * blocks.length();
        for (int i = 0; i < blocks.length(); i++) {
            bytes += blocks.getAcquire(i) == null ? 0 : 2L * FRAMES * Long.BYTES;
        }
        return bytes;
    }

    private long[] blockToWrite(int number) {
        long[] block = blocks.getAcquire(number);
        if (block != null) {
            return block;
        }
        long[] made = new long[2 * FRAMES];
        Arrays.fill(made, 0, FRAMES, StoreWrites.NO_LSN);
        Arrays.fill(made, FRAMES, 2 * FRAMES, PageHooks.GO);
        block = blocks.compareAndExchange(number, null, made);
        return block == null ? made : block;
    }
}
