package dev.quire.pagecache.space;

import java.io.IOException;
import java.lang.invoke.VarHandle;

/** Takes whole pages out of a file and its store: they read as zeros afterwards. */
public final class HolePunch {
    private final CacheContext context;

    HolePunch(CacheContext context) {
        this.context = context;
    }

    /**
     * Punches pages out. Waits for latches, fills and write-back of those pages, never for pins:
     * pinned pages are detached, as by truncate.
     *
     * @param space whose pages; the calling thread holds no latch
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return false when the store has no such operation; pages may have been dropped then, dirty
     *     ones too, so that the caller must write zeros
     * @throws IOException if the store failed; the caller must write zeros as well, or the pages
     *     may read as they were
     */
    public boolean punch(AddressSpace space, long firstPage, long endPage) throws IOException {
        space.snapshots().keep(firstPage, endPage); // most of it, while direct transfers go on
        space.directTransfers().exclude();
        try {
            return punchAlone(space, firstPage, endPage);
        } finally {
            space.directTransfers().admit();
        }
    }

    private boolean punchAlone(AddressSpace space, long firstPage, long endPage)
            throws IOException {
        lockKept(space, firstPage, endPage);
        try {
            space.checkWritable();
            long end = Math.min(endPage, space.sizePages());
            if (firstPage >= end) {
                return true;
            }
            // Ordering: the range, full fence, then the slots.
            // Pairs:    Fill.removeIfPunched: slot by CAS, then the range.
            // Gives:    no fill that began before the store was punched ends up in a slot after.
            // Checked:  src-test jcstress PunchAgainstFill,
            //           HolePunchTest.shouldNotBringBackAPageThatIsReadWhileItIsPunched.
            space.punching(firstPage, end);
            VarHandle.fullFence();
            space.cutting(true);
            try {
                context.removal().removeRange(space, firstPage, end, true);
                long position = firstPage << context.pageShift();
                long bytes = Math.min(end << context.pageShift(), space.sizeBytes()) - position;
                return punchStore(space, position, bytes);
            } finally {
                space.cutting(false);
                space.punching(0, 0);
            }
        } finally {
            space.sizeLock().unlock();
        }
    }

    /** Takes the size lock, once all that snapshots want of the range is kept. */
    @SuppressWarnings("LockNotBeforeTry") // the caller unlocks it
    private static void lockKept(AddressSpace space, long firstPage, long endPage) {
        boolean all = false;
        while (!all) { // ends: unless a snapshot is taken each time
            SpaceSnapshot kept = space.snapshots().keep(firstPage, endPage);
            space.sizeLock().lock();
            try {
                all = space.snapshots().areKept(kept);
            } finally {
                if (!all) {
                    space.sizeLock().unlock();
                }
            }
        }
    }

    private boolean punchStore(AddressSpace space, long position, long bytes) throws IOException {
        try {
            return context.callbacks().punchHole(space, position, bytes);
        } catch (RuntimeException e) {
            context.callbacks().contained("punchHole", space, position >>> context.pageShift(), e);
            return false; // dirty pages are gone: zeros must take their place
        }
    }
}
