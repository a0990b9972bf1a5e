package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.DIRTY;
import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.WRITEBACK;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.concurrent.locks.LockSupport;

/**
 * Takes clean pages out of the cache because somebody wants them read again, in two strengths.
 * Neither takes a page from who holds it: a pinned page stays.
 *
 * <p>Source: Linux {@code invalidate_mapping_pages} and {@code invalidate_inode_pages2}.
 */
public final class Invalidation {
    /** As often is a page tried that is in the way of somebody for a moment only. */
    private static final int TRIES_MAX = 16;

    private static final long PAUSE_NANOS = 50_000;
    private static final long SOMEBODY_INSIDE = LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE | WRITEBACK;

    private final CacheContext context;
    private final FrameTable frames;

    Invalidation(CacheContext context) {
        this.context = context;
        frames = context.frames();
    }

    /**
     * Takes out what can be had at once. Never waits and never writes.
     *
     * @param space whose pages
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return how many pages went
     */
    public long tryInvalidate(AddressSpace space, long firstPage, long endPage) {
        return walk(space, firstPage, endPage, true)[0];
    }

    /**
     * Takes out every clean page, waiting for fills, latches and write-back.
     *
     * @param space whose pages; the calling thread holds no latch
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return how many pages stayed: dirty, pinned, or kept by the store
     */
    public long invalidate(AddressSpace space, long firstPage, long endPage) {
        return walk(space, firstPage, endPage, false)[1];
    }

    /**
     * Takes out what can be had at once, as {@link #tryInvalidate}.
     *
     * @param space whose pages
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return whether no page was there, or all that were have gone
     */
    public boolean tryClear(AddressSpace space, long firstPage, long endPage) {
        return walk(space, firstPage, endPage, true)[1] == 0;
    }

    /**
     * Takes out what came in while a direct write was under way, waiting for fills.
     *
     * @param space whose pages
     * @param range what was written, still published
     * @return how many pages stayed: those that the store keeps
     */
    public long dropUnder(AddressSpace space, DirectRange range) {
        long stayed = 0;
        Translation translation = space.translation();
        for (Chunk chunk = translation.findFrom(range.firstPage());
                chunk != null && chunk.firstPage() < range.endPage();
                chunk = translation.findFrom(chunk.firstPage() + Chunk.PAGES)) {
            long first = Math.max(range.firstPage(), chunk.firstPage());
            long end = Math.min(range.endPage(), chunk.firstPage() + Chunk.PAGES);
            for (long page = first; page < end; page++) {
                stayed += context.removal().removeUnderDirectWrite(space, page) ? 0 : 1;
            }
            translation.dropIfEmpty(chunk);
        }
        return stayed;
    }

    /**
     * Whether any page of a range is cached, or on its way in.
     *
     * @param space whose pages
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return true if a slot names a frame
     */
    public boolean anyCached(AddressSpace space, long firstPage, long endPage) {
        Translation translation = space.translation();
        for (Chunk chunk = translation.findFrom(firstPage);
                chunk != null && chunk.firstPage() < endPage;
                chunk = translation.findFrom(chunk.firstPage() + Chunk.PAGES)) {
            int end = (int) Math.min(Chunk.PAGES, endPage - chunk.firstPage());
            for (int index = (int) Math.max(0, firstPage - chunk.firstPage());
                    index < end;
                    index++) {
                if (isResident(chunk, index)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Takes out one page if it can be had at once, and has not been used since it came in. Never
     * waits and never writes. A hint: a use at this very moment may be overlooked.
     *
     * @param space whose page
     * @param page page index
     */
    public void dropUnused(AddressSpace space, long page) {
        Chunk chunk = space.translation().find(page);
        int index = Chunk.index(page);
        long slot = chunk == null ? Slot.ABSENT : chunk.slot(index);
        if (chunk != null && Slot.isResident(slot) && !used(Slot.frame(slot))) {
            page(space, chunk, index, true);
            space.translation().dropIfEmpty(chunk);
        }
    }

    private boolean used(int frame) {
        return frames.uses(frame) > 0 || FrameState.any(frames.word(frame), FrameState.ACTIVE);
    }

    /** Answers how many pages went, and how many stayed. */
    private long[] walk(AddressSpace space, long firstPage, long endPage, boolean atOnce) {
        long[] counts = new long[2];
        Translation translation = space.translation();
        for (Chunk chunk = translation.findFrom(firstPage);
                chunk != null && chunk.firstPage() < endPage;
                chunk = translation.findFrom(chunk.firstPage() + Chunk.PAGES)) {
            int from = (int) Math.max(0, firstPage - chunk.firstPage());
            int end = (int) Math.min(Chunk.PAGES, endPage - chunk.firstPage());
            for (int index = from; index < end; index++) {
                if (isResident(chunk, index)) {
                    boolean gone =
                            atOnce
                                    ? page(space, chunk, index, true)
                                    : awaitPage(space, chunk, index);
                    counts[gone ? 0 : 1]++;
                }
            }
            translation.dropIfEmpty(chunk);
        }
        return counts;
    }

    /**
     * Only looks: the chunk may have been dropped, and the slots be those of its successor, so that
     * nothing may be changed through it while the page is not held. Shadows stay.
     */
    private static boolean isResident(Chunk chunk, int index) {
        return Slot.isResident(chunk.slot(index));
    }

    /**
     * One try; answers whether it went by this.
     *
     * @param atOnce a page stays if somebody has its list; otherwise he is waited for
     */
    private boolean page(AddressSpace space, Chunk chunk, int index, boolean atOnce) {
        long slot = chunk.slot(index);
        if (!Slot.isResident(slot)) {
            return false; // somebody else took it
        }
        int frame = Slot.frame(slot);
        long word = frames.word(frame);
        boolean active = FrameState.any(word, FrameState.ACTIVE);
        // Before the page is taken off its list: most pages that stay are not disturbed.
        if (FrameState.any(word, SOMEBODY_INSIDE | DIRTY)
                || FrameState.pins(word) > 0
                || !Slot.names(chunk.slot(index), frame)
                || !(atOnce ? context.lru().drop(frame) : context.lru().remove(frame))) {
            return false;
        }
        long page = chunk.firstPage() + index;
        if (context.removal().tryInvalidate(space, page, frame) == Removal.Outcome.EVICTED) {
            context.allocator().freeFrozen(frame);
            return true;
        }
        context.lru().putBack(frame, active); // on the list again before our reference goes (S1.4)
        context.allocator().put(frame);
        return false;
    }

    /** Waits for who is inside; answers whether the page is gone. */
    private boolean awaitPage(AddressSpace space, Chunk chunk, int index) {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            if (!isResident(chunk, index) || page(space, chunk, index, false)) {
                return true;
            }
            long slot = chunk.slot(index);
            if (!Slot.isResident(slot)) {
                return true;
            }
            long word = frames.word(Slot.frame(slot));
            if (FrameState.any(word, SOMEBODY_INSIDE)) {
                long page = chunk.firstPage() + index;
                context.awaitAny(space, page, Slot.frame(slot), SOMEBODY_INSIDE);
            } else if (FrameState.any(word, DIRTY) || FrameState.pins(word) > 0) {
                if (Slot.busy(chunk.slot(index)) == Slot.busy(slot)) {
                    return false;
                } // else it has moved, and the frame's word is another page's
            } else {
                LockSupport.parkNanos(PAUSE_NANOS); // reclaim looks at it, or the store refuses
            }
        }
        return false;
    }
}
