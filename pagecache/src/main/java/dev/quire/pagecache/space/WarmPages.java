package dev.quire.pagecache.space;

import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.lang.foreign.ValueLayout;

/**
 * What a warm restart does to pages: which of a file are cached and in which order, runs of them
 * read while nobody waits, and their places on the lists.
 */
public final class WarmPages {
    private final CacheContext context;
    private final FrameTable frames;
    private final AddressSpace space;

    /**
     * The pages of one address space.
     *
     * @param context the cache
     * @param space one of its address spaces
     */
    public WarmPages(CacheContext context, AddressSpace space) {
        this.context = context;
        this.frames = context.frames();
        this.space = space;
    }

    /** Receives pages one by one. */
    public interface Visitor {
        /**
         * A page that is cached.
         *
         * @param page page index
         * @param main whether it is on the main list, not on probation
         */
        void visit(long page, boolean main);
    }

    /**
     * Visits what is cached of the space, in the order of {@link
     * dev.quire.pagecache.lru.Replacement#snapshot}.
     *
     * @param visitor called once for each page that does not leave meanwhile
     */
    public void forEachCached(Visitor visitor) {
        int[] listed = new int[frames.frameCount()];
        int count = context.lru().snapshot(listed);
        for (int i = 0; i < count; i++) {
            int frame = listed[i];
            long page = frames.page(frame);
            // It may have become another page's frame since the snapshot.
            if (frames.owner(frame) == space.id()
                    && Slot.names(space.translation().slot(page), frame)) {
                visitor.visit(page, FrameState.any(frames.word(frame), FrameState.ACTIVE));
            }
        }
    }

    /**
     * Starts one read of neighbouring pages that are not cached. Waits for no frame and for no
     * page; how many reads are under way is the caller's to say.
     *
     * @param firstPage where to begin
     * @param count how many pages at most, at least 1
     * @param waiter told once, whether or not there was anything to read; on any thread
     * @return how many pages are dealt with, from the first on; 0 when there is no frame
     * @throws IllegalStateException if the space is closed or fenced; the waiter is told as well
     */
    public int read(long firstPage, int count, AsyncReads.Waiter waiter) {
        ReadRun run = new ReadRun(context, space, count, waiter);
        try {
            space.checkOpen();
            return fill(run, firstPage, count);
        } finally {
            run.submit(); // whatever happened, its pages may not stay locked
        }
    }

    private int fill(ReadRun run, long firstPage, int count) {
        boolean begun = false;
        for (int i = 0; i < count; i++) {
            long page = firstPage + i;
            if (page >= space.sizePages()) {
                return count; // cut off since it was hot
            }
            Fill fill = null;
            if (!Slot.isResident(space.translation().slot(page))) {
                int frame = context.allocator().frame(context.allocator().tryAllocate(0));
                if (frame == PageAllocator.NO_FRAME) {
                    return i;
                }
                fill = Fill.tryInsert(context, space, page, frame);
                if (fill != null && fill.removeIfPunched()) {
                    fill = null; // the store still has what will be zeros
                }
            }
            if (fill != null) {
                // The system zeroes new memory at its first touch: here it delays nobody.
                fill.memory().set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
                run.add(fill);
                begun = true;
            } else if (begun) {
                return i + 1; // cached: a run has no holes
            }
        }
        return count;
    }

    /**
     * Makes a page the newest of a list, if it is cached and nobody is at it. Never waits but for
     * the list.
     *
     * @param page page index
     * @param main whether of the main list, not of probation
     * @return whether that was done
     */
    public boolean place(long page, boolean main) {
        long slot = space.translation().slot(page);
        if (!Slot.isReadable(slot)) {
            return false;
        }
        int frame = Slot.frame(slot);
        // Only if it is up to date: a slot may be stale, and a new frame is its allocator's to
        // lock.
        if (frames.update(frame, FrameState::beginMove) == FrameState.REFUSED) {
            return false;
        }
        boolean same = frames.owner(frame) == space.id() && frames.page(frame) == page;
        boolean placed = same && context.lru().remove(frame);
        if (placed) {
            context.lru().putBack(frame, main);
            context.allocator().put(frame);
        }
        context.endLatch(frame, word -> FrameState.put(FrameState.unlock(word)));
        return placed;
    }
}
