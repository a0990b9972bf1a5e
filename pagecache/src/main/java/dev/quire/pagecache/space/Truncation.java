package dev.quire.pagecache.space;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
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
     * @throws IOException if the store refused
     */
    public void truncate(AddressSpace space, long bytes) throws IOException {
        long bytesMax = Translation.PAGES_MAX << context.pageShift();
        if (bytes > bytesMax) {
            throw new IllegalArgumentException(
                    "size must be at most " + bytesMax + " bytes: bytes=" + bytes);
        }
        space.sizeLock().lock();
        try {
            space.checkWritable();
            long cutFrom = space.pagesFor(bytes);
            boolean cut = bytes < space.sizeBytes();
            if (cut) {
                zeroTail(space, bytes);
            }
            space.size(bytes);
            // Ordering: size, full fence, then the slots.
            // Pairs:    Faults.fill: slot by CAS, then the size.
            // Gives:    no page beyond the new size stays in a slot.
            // Checked:  src-test CacheModelTest (truncate against faults).
            VarHandle.fullFence();
            if (cut) {
                context.removal().removeFrom(space, cutFrom, true);
            }
            space.ops().truncate(bytes);
        } finally {
            space.sizeLock().unlock();
        }
    }

    /** Zeroes what is cut off a page that stays, if it is cached: growth must not show it again. */
    private void zeroTail(AddressSpace space, long bytes) {
        int inside = (int) (bytes & (context.pageBytes() - 1));
        if (inside == 0) {
            return;
        }
        long page = bytes >>> context.pageShift();
        Chunk chunk = space.translation().find(page);
        while (chunk != null && Slot.isResident(chunk.slot(Chunk.index(page)))) {
            int frame = Slot.frame(chunk.slot(Chunk.index(page)));
            if (context.removal().latchResident(chunk, Chunk.index(page), frame)) {
                MemorySegment memory = context.memory(frame);
                chunk.beginStores(Chunk.index(page));
                memory.asSlice(inside).fill((byte) 0);
                int version = context.frames().nextVersion(frame);
                chunk.publish(Chunk.index(page), Slot.readable(frame, version));
                context.removal().unlatch(frame);
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
        space.markClosed(true);
        VarHandle.fullFence(); // then the latches: see CursorPosition.tryLatch
        try {
            do {
                syncer.sync(space); // refused when fenced
                // Latches every page: whoever wrote one last has marked it dirty by then.
            } while (context.removal().removeFrom(space, 0, false) > 0);
        } catch (IOException | RuntimeException e) {
            space.markClosed(false);
            throw e;
        }
        context.spaces().remove(space);
    }

    /**
     * Empties an address space for good; what is dirty is lost.
     *
     * @param space which; the calling thread holds no latch
     */
    public void discard(AddressSpace space) {
        space.markClosed(true);
        VarHandle.fullFence();
        context.removal().removeFrom(space, 0, true);
        context.spaces().remove(space);
    }
}
