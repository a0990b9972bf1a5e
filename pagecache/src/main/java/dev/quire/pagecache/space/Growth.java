package dev.quire.pagecache.space;

import dev.quire.allocator.frame.FrameTable;

/** New pages without content: beyond the end of a file, or created over what was there. */
public final class Growth {
    private final CacheContext context;
    private final Faults faults;

    Growth(CacheContext context, Faults faults) {
        this.context = context;
        this.faults = faults;
    }

    /**
     * Grows the file for a write to a page that does not lie wholly inside it.
     *
     * @param space whose page
     * @param page page index
     * @return the frame of a new page of zeros, latched exclusively for the caller; or NO_FRAME
     *     when the page lies inside the file, now or all along
     */
    public int latchBeyondEnd(AddressSpace space, long page) {
        if (page < space.wholePages()) {
            return FrameTable.NO_FRAME;
        }
        if (page >= Translation.PAGES_MAX) {
            throw new IndexOutOfBoundsException(
                    "page must be below " + Translation.PAGES_MAX + ": page=" + page);
        }
        // Before the lock: the allocation may have to wait for write-back.
        int frame = context.newFrames().take();
        boolean taken = false;
        boolean locked = false;
        try {
            space.lockToGrow(context.latches());
            locked = true;
            space.checkWritable();
            if (page >= space.sizePages()) {
                taken = insertBeyondEnd(space, page, frame);
            }
            if (taken || page < space.sizePages()) {
                space.growTo(page);
            }
            return taken ? frame : FrameTable.NO_FRAME;
        } finally {
            if (locked) {
                space.sizeLock().unlock();
            }
            if (!taken) {
                context.newFrames().giveBack(frame);
            }
        }
    }

    /**
     * Inserts a page of zeros that lies beyond the end, latched exclusively for the caller, who
     * grows the file so far before he gives the lock back.
     *
     * @param space whose page; the caller holds its size lock
     * @param page page index, sizePages..PAGES_MAX-1
     * @param frame a frame for it; stays the caller's when refused
     * @return false to look again
     */
    public boolean insertBeyondEnd(AddressSpace space, long page, int frame) {
        space.checkCut(); // before a page is latched, which nobody would release
        Chunk chunk = space.translation().findOrMake(page);
        long slot = chunk.slot(Chunk.index(page));
        return !Slot.isResident(slot)
                && faults.insertZeroed(space, page, chunk, slot, frame) != Slot.ABSENT;
    }

    /**
     * Creates a page of zeros where none is cached, and nothing is to be kept for a snapshot.
     *
     * @param space whose page
     * @param page page index inside the file
     * @param chunk the page's chunk
     * @param seen the page's slot, not resident
     * @param endBytes how long the file must be at least
     * @return its frame, latched exclusively for the caller; or NO_FRAME to look again
     */
    public int latchAbsent(AddressSpace space, long page, Chunk chunk, long seen, long endBytes) {
        int frame = FrameTable.NO_FRAME;
        boolean taken = false;
        try {
            frame = context.newFrames().take();
            // Held so that truncate, close and a snapshot cannot pass between look and insert.
            space.lockToGrow(context.latches());
            try {
                space.checkWritable();
                taken =
                        endBytes <= space.sizeBytes()
                                && !space.snapshots().needs(page)
                                && faults.insertZeroed(space, page, chunk, seen, frame)
                                        != Slot.ABSENT;
            } finally {
                space.sizeLock().unlock();
            }
            return taken ? frame : FrameTable.NO_FRAME;
        } finally {
            if (!taken) {
                space.translation().dropIfEmpty(chunk);
            }
            if (!taken && frame != FrameTable.NO_FRAME) {
                context.newFrames().giveBack(frame);
            }
        }
    }
}
