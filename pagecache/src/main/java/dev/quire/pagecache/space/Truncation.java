package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.invoke.VarHandle;

/** Cuts files, and empties them at the end. */
public final class Truncation {
    /** Writes an address space back; a later package's work, handed in. */
    public interface Syncer {
        /**
         * Makes everything durable.
         *
         * @param space which
         * @throws IOException if that failed
         */
        void sync(AddressSpace space) throws IOException;
    }

    private final CacheContext context;

    Truncation(CacheContext context) {
        this.context = context;
    }

    /**
     * Cuts or extends an address space: size first, then the pages, then the store, so that a fill
     * that runs meanwhile either sees the new size or is seen here.
     *
     * @param space which; the calling thread holds no latch
     * @param bytes the new size
     * @throws IOException if the store refused; the content has the new size all the same, and the
     *     store gets it at the next sync, or before the content grows again
     */
    public void truncate(AddressSpace space, long bytes) throws IOException {
        if (bytes > Translation.PAGES_MAX << context.pageShift()) {
            throw new IllegalArgumentException(
                    "size must be at most "
                            + Translation.PAGES_MAX
                            + " pages of "
                            + context.pageBytes()
                            + " bytes: bytes="
                            + bytes);
        }
        while (!tryTruncate(space, bytes, false)) { // ends: unless it is evicted at once each time
            space.checkWritable();
        }
    }

    /**
     * As {@link #truncate}, unless the content is as short by then.
     *
     * @param space which; the calling thread holds no latch
     * @param bytes the new size
     * @throws IOException as {@link #truncate}
     */
    public void shorten(AddressSpace space, long bytes) throws IOException {
        while (!tryTruncate(space, bytes, true)) {
            space.checkWritable();
        }
    }

    /**
     * Answers false if the page that is cut inside went again: it is to be brought in first; or if
     * a snapshot was taken, for which other pages are to be kept.
     */
    private boolean tryTruncate(AddressSpace space, long bytes, boolean shorten)
            throws IOException {
        if (restamped(space, bytes)) {
            bringIn(space, bytes >>> context.pageShift()); // nothing is read under the lock
        }
        keep(space, bytes); // most of it, while direct transfers go on
        space.directTransfers().exclude(); // before the lock, which the end of a write may need
        try {
            return tryTruncateAlone(space, bytes, shorten);
        } finally {
            space.directTransfers().admit();
        }
    }

    private boolean tryTruncateAlone(AddressSpace space, long bytes, boolean shorten)
            throws IOException {
        SpaceSnapshot kept = keep(space, bytes);
        space.sizeLock().lock();
        try {
            boolean there =
                    (!restamped(space, bytes) || isEndResident(space, bytes))
                            && space.snapshots().areKept(kept);
            if (there && (!shorten || bytes < space.sizeBytes())) {
                truncateLocked(space, bytes);
            }
            return there;
        } finally {
            space.sizeLock().unlock();
        }
    }

    /** Reads what is cut, if a snapshot wants it. */
    private @Nullable SpaceSnapshot keep(AddressSpace space, long bytes) {
        return space.snapshots().keep(bytes >>> context.pageShift(), Long.MAX_VALUE);
    }

    private void bringIn(AddressSpace space, long page) {
        try {
            context.faults().fault(space, page);
        } catch (BeyondEndException cut) {
            // by another thread: nothing is left to be cut inside
        }
    }

    /**
     * Whether a cut makes the stamp of a page wrong (a checksum, say): the page must then be in
     * memory, to be zeroed, stamped and written again.
     */
    private boolean restamped(AddressSpace space, long bytes) {
        return space.stampsPages() && inside(bytes) > 0 && bytes < space.sizeBytes();
    }

    private int inside(long bytes) {
        return (int) (bytes & (context.pageBytes() - 1));
    }

    private boolean isEndResident(AddressSpace space, long bytes) {
        return Slot.isResident(space.translation().slot(bytes >>> context.pageShift()));
    }

    private void truncateLocked(AddressSpace space, long bytes) throws IOException {
        space.checkWritable();
        long cutFrom = space.pagesFor(bytes);
        boolean cut = bytes < space.sizeBytes();
        boolean restamp = restamped(space, bytes);
        if (!cut) {
            space.cutStore();
        }
        space.size(bytes);
        // Ordering: size, full fence, then the slots and latches.
        // Pairs:    Faults.fill: slot by CAS, then the size; CursorPosition.tryLatch: latch by
        //           CAS, then the size.
        // Gives:    no page beyond the new size stays in a slot, no byte beyond it in a page.
        // Checked:  SizeTest.shouldNotLeaveBytesBehindTheEndWhenAWriteRacesWithACut,
        //           FaultTest.shouldNotBringBackAPageThatIsCutWhileItIsRead.
        VarHandle.fullFence();
        if (cut) {
            space.cutPending(true);
            space.cutting(true);
            try {
                zeroTail(space, bytes, restamp);
                context.removal().removeFrom(space, cutFrom, true);
            } finally {
                space.cutting(false);
            }
        }
        context.callbacks().truncate(space, bytes);
        space.cutPending(false);
    }

    /** Zeroes what is cut off a page that stays, if it is cached: growth must not show it again. */
    private void zeroTail(AddressSpace space, long bytes, boolean restamp) {
        int inside = inside(bytes);
        if (inside == 0) {
            return;
        }
        long page = bytes >>> context.pageShift();
        Chunk chunk = space.translation().find(page);
        if (chunk == null) {
            return;
        }
        int index = Chunk.index(page);
        // One look at the slot a turn: the page may be evicted between two.
        for (long slot = chunk.slot(index); Slot.isResident(slot); slot = chunk.slot(index)) {
            int frame = Slot.frame(slot);
            if (context.removal().latchResident(space, chunk, index, frame)) {
                chunk.beginStores(index);
                context.memory(frame).asSlice(inside).fill((byte) 0);
                int version = context.frames().nextVersion(frame);
                if (restamp) {
                    context.dirtyMarks().mark(space, chunk, page, frame);
                }
                chunk.publish(index, Slot.readable(frame, version));
                context.removal().unlatch(frame, restamp);
                return;
            }
        }
    }

    /**
     * Empties an address space for good, once everything in it is durable. Nobody can write it from
     * the start of this on; if it fails, it is open again.
     *
     * @param space which; the calling thread holds no latch
     * @param syncer makes it durable
     * @throws IOException if not everything could be made durable
     */
    public void close(AddressSpace space, Syncer syncer) throws IOException {
        shut(space);
        try {
            do {
                syncer.sync(space); // refused when fenced
                // Latches every page: whoever wrote one last has marked it dirty by then; it may
                // even have been written back since the sync.
            } while (context.removal().removeFrom(space, 0, false) > 0
                    || space.writes().anyUnsynced());
        } catch (IOException | RuntimeException | Error e) {
            space.markClosed(false);
            throw e;
        }
        remove(space);
    }

    /** Closes it to whoever has not got in yet, and waits for direct transfers (S2.13). */
    private static void shut(AddressSpace space) {
        space.directTransfers().checkNotAnswering();
        // Under the lock: growth looks whether it is open, and inserts its page, under it.
        space.sizeLock().lock();
        try {
            space.markClosed(true);
        } finally {
            space.sizeLock().unlock();
        }
        VarHandle.fullFence(); // then the latches: see CursorPosition.tryLatch
        space.directTransfers().awaitNone();
    }

    /**
     * Empties an address space for good; what is dirty is lost.
     *
     * @param space which; the calling thread holds no latch
     */
    public void discard(AddressSpace space) {
        shut(space);
        context.removal().removeFrom(space, 0, true);
        remove(space);
    }

    /** The last step: nothing is in it, and its store hears of no page after this. */
    private void remove(AddressSpace space) {
        space.departures().awaitNone();
        space.leaveStore();
        context.spaces().remove(space);
    }
}
