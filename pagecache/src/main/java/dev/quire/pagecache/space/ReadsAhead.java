package dev.quire.pagecache.space;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.readahead.ReadAhead;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.readahead.Window;

import org.jspecify.annotations.Nullable;

/**
 * Reads pages before they are asked for: tells a file's {@link ReadAhead} what readers come to, and
 * carries out what it decides.
 *
 * <p>The page that a window begins with is marked: its frame has the flag READAHEAD, and its slot
 * stays BUSY when it has been read. So whoever comes to it, with whatever cursor, goes the slow way
 * for once, which makes the slot READABLE and has the next window begun; reads of all other pages
 * never look for a mark.
 */
public final class ReadsAhead {
    /** Which part of the frames a window may take: two of them, and others that are being read. */
    static final int WINDOW_PART = 8;

    private final CacheContext context;
    private final FrameTable frames;

    ReadsAhead(CacheContext context) {
        this.context = context;
        frames = context.frames();
    }

    /**
     * Sets how far a file is read ahead of who reads it in order.
     *
     * @param space the file
     * @param bytes at least 0, for no read-ahead; at most a part of the cache counts
     */
    public void limit(AddressSpace space, long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "read-ahead must be at least 0 bytes: bytes=" + bytes);
        }
        long pagesMax = frames.frameCount() / WINDOW_PART;
        space.readAhead().pagesMax((int) Math.min(bytes >>> context.pageShift(), pagesMax));
    }

    // ---- what readers come to

    /** The caller has inserted a page, which he reads himself; he has it locked. */
    void missed(AddressSpace space, long page, ReadPattern pattern) {
        begin(space, space.readAhead().missed(page, space.sizePages(), pattern), false);
    }

    /**
     * Somebody wants a page whose slot is BUSY. If it is marked, the next window is begun, whether
     * it has been read by now or not. Waits for nothing.
     *
     * @param space whose page
     * @param page page index
     * @param frame the frame that its slot named
     * @return whether its slot may be READABLE by now; else somebody is inside the page
     */
    public boolean arrived(AddressSpace space, long page, int frame) {
        if (!FrameState.any(frames.word(frame), FrameState.READAHEAD)) {
            return false;
        }
        boolean opened = tryOpen(space, page, frame);
        goOn(space, page, opened, true);
        return opened;
    }

    /**
     * The caller has latched a page that was marked.
     *
     * @param space whose page
     * @param frame its frame
     */
    void latched(AddressSpace space, int frame) {
        frames.clear(frame, FrameState.READAHEAD);
        goOn(space, frames.page(frame), true, false);
    }

    private void goOn(AddressSpace space, long page, boolean opened, boolean mayReclaim) {
        Window window = space.readAhead().reached(page, space.sizePages());
        if (window == null && opened && space.readAhead().forgotten(page)) {
            window = resumed(space, page);
        }
        begin(space, window, mayReclaim);
    }

    /**
     * Makes the slot of a marked page READABLE; answers false when it is being filled or latched.
     */
    private boolean tryOpen(AddressSpace space, long page, int frame) {
        // Ordering: SHARED_EXCLUSIVE by a full CAS, refused unless UPTODATE, then the slot, then
        //           its change with release.
        // Pairs:    Fill.publish: the page's bytes, then UPTODATE by CAS; and beginExclusive and
        //           freeze, which are refused meanwhile.
        // Gives:    who finds the slot READABLE finds the bytes, of this page.
        // Checked:  src-test jcstress OpenOfAMarkedPage.
        if (frames.update(frame, FrameState::beginShared) == FrameState.REFUSED) {
            return false;
        }
        Chunk chunk = space.translation().find(page);
        boolean same = chunk != null && openSlot(chunk, Chunk.index(page), frame);
        // The mark goes with the latch: until then, a BUSY slot is one of a marked page.
        context.endLatch(frame, word -> FrameState.endShared(same ? unmarked(word) : word));
        return same;
    }

    private static boolean openSlot(Chunk chunk, int index, int frame) {
        long slot = chunk.slot(index);
        boolean same = Slot.names(slot, frame);
        if (same && !Slot.isReadable(slot)) {
            chunk.publish(index, Slot.readable(slot));
        }
        return same;
    }

    private static long unmarked(long word) {
        return word & ~FrameState.READAHEAD;
    }

    /** The stream of a mark is forgotten: what is there says where it was. */
    private @Nullable Window resumed(AddressSpace space, long page) {
        boolean backward = !isResident(space, page + 1) && isResident(space, page - 1);
        int step = backward ? -1 : 1;
        int ahead = 1;
        while (isResident(space, page + (long) ahead * step)) {
            if (++ahead > space.readAhead().pagesMax()) {
                return null; // far enough
            }
        }
        return space.readAhead()
                .resumed(page + (long) ahead * step, step, ahead, space.sizePages());
    }

    private static boolean isResident(AddressSpace space, long page) {
        return page >= 0 && Slot.isResident(space.translation().slot(page));
    }

    private void begin(AddressSpace space, @Nullable Window window, boolean mayReclaim) {
        if (window == null || space.closed() || space.fenced()) {
            return;
        }
        // As if each page were waited for; but nobody waits, and who holds a latch takes what is
        // free.
        AllocContext how =
                mayReclaim && window.mayReclaim() ? AllocContext.NO_IO : AllocContext.NO_RECLAIM;
        int covered = context.asyncReads().ahead(space, window, how);
        if (covered < window.pages()) {
            space.readAhead().cut(window, covered);
        }
    }
}
