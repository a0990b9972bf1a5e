package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageReadException;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Brings pages into the cache.
 *
 * <p>The locked page, not yet up to date, is inserted before its read is issued. So there is one
 * reader a page (whoever comes later finds the slot taken and sleeps), no lock is held over I/O,
 * and a truncate that runs meanwhile can see the fill.
 */
public final class Faults {
    private final CacheContext context;
    private final FrameTable frames;

    Faults(CacheContext context) {
        this.context = context;
        this.frames = context.frames();
    }

    /**
     * Makes a page resident, or waits until somebody else has.
     *
     * @param space whose page
     * @param page page index, 0..sizePages-1
     * @return the slot, READABLE a moment ago
     * @throws PageReadException if the store cannot read it; nothing is left behind
     * @throws IndexOutOfBoundsException if the page lies beyond the end
     */
    public long fault(AddressSpace space, long page) {
        while (true) {
            checkInside(space, page);
            Chunk chunk = space.translation().findOrMake(page);
            long slot = chunk.slot(Chunk.index(page));
            if (Slot.isReadable(slot)) {
                return slot;
            }
            if (Slot.isResident(slot)) {
                context.awaitAny(Slot.frame(slot), LOCKED | EXCLUSIVE);
            } else {
                space.checkOpen();
                slot = fill(space, page, chunk, slot);
                if (slot != Slot.ABSENT) {
                    return slot;
                }
            }
        }
    }

    private long fill(AddressSpace space, long page, Chunk chunk, long seen) {
        int frame = context.allocator().allocate(0);
        long busy = insertLocked(space, page, chunk, seen, frame);
        if (busy == Slot.ABSENT) {
            return Slot.ABSENT;
        }
        context.counters().faults.increment();
        try {
            // Truncate and close say so first, then scan the slots; here it is slot first, then
            // look.
            checkInside(space, page);
            space.checkOpen();
            read(space, page, frame);
        } catch (IOException e) {
            context.counters().readErrors.increment();
            removeUnfilled(space, page, chunk, seen, busy);
            throw new PageReadException(space.name(), page, e);
        } catch (Throwable e) {
            removeUnfilled(space, page, chunk, seen, busy);
            throw e;
        }
        return publishFilled(page, chunk, frame, seen);
    }

    private void read(AddressSpace space, long page, int frame) throws IOException {
        MemorySegment memory = context.memory(frame);
        // The page is locked: what the store reads itself must not wait for write-back, which may
        // wait for this page.
        int bytes =
                context.allocator()
                        .callIn(AllocContext.NO_IO, () -> space.ops().readPage(page, memory));
        // What lies beyond the content reads as zeros, whatever the store has there.
        long inside = Math.min(bytes, space.sizeBytes() - (page << context.pageShift()));
        int valid = (int) Math.max(0, inside);
        if (valid < context.pageBytes()) {
            memory.asSlice(valid).fill((byte) 0);
        }
        space.ops().afterRead(page, memory); // before anybody sees a byte of it
        context.counters().pagesRead.increment();
        context.counters().bytesRead.add(bytes);
    }

    /**
     * Inserts a page of zeros without reading it, latched exclusively for the caller, who holds a
     * reference with the latch.
     *
     * @param space whose page
     * @param page page index
     * @param chunk the page's chunk
     * @param seen the page's slot, not resident
     * @param frame a frame for it, from the allocator; stays the caller's when refused
     * @return the slot, BUSY; or ABSENT when somebody else changed the slot
     */
    long insertZeroed(AddressSpace space, long page, Chunk chunk, long seen, int frame) {
        context.memory(frame).fill((byte) 0);
        int version = frames.nextVersion(frame);
        frames.own(frame, space.id(), page);
        long busy = Slot.busy(frame, version);
        frames.require(frame, frames.update(frame, FrameState::lock), "lock");
        if (!chunk.insert(Chunk.index(page), seen, busy)) {
            abandon(frame);
            return Slot.ABSENT;
        }
        context.counters().faults.increment();
        context.counters().cachedPages.incrementAndGet();
        linkLru(frame, seen);
        // Up to date and latched in one step: nobody else gets in between.
        context.unlock(frame, word -> FrameState.beginExclusive(FrameState.fillDone(word)));
        return busy;
    }

    private long insertLocked(AddressSpace space, long page, Chunk chunk, long seen, int frame) {
        int version = frames.nextVersion(frame);
        frames.own(frame, space.id(), page);
        frames.require(frame, frames.update(frame, FrameState::lock), "lock");
        long busy = Slot.busy(frame, version);
        if (!chunk.insert(Chunk.index(page), seen, busy)) {
            abandon(frame);
            context.allocator().put(frame);
            return Slot.ABSENT;
        }
        context.counters().cachedPages.incrementAndGet();
        return busy;
    }

    /** Undoes what was done to a frame that was never inserted. */
    private void abandon(int frame) {
        frames.own(frame, FrameTable.OWNER_NONE, 0);
        // Through a stale slot somebody may sleep on it already.
        context.unlock(frame, FrameState::unlock);
    }

    private long publishFilled(long page, Chunk chunk, int frame, long seen) {
        // Slot before UPTODATE: once up to date, the slot may belong to a writer.
        long readable = Slot.readable(frame, frames.version(frame));
        chunk.publish(Chunk.index(page), readable);
        linkLru(frame, seen);
        context.unlock(frame, FrameState::fillDone);
        return readable;
    }

    private void linkLru(int frame, long seen) {
        long shadow =
                Slot.isShadow(seen) ? Slot.stamp(seen) << 1 | (Slot.workingSet(seen) ? 1 : 0) : -1;
        if (context.lru().insert(frame, shadow)) {
            context.counters().refaults.increment();
        }
    }

    private void removeUnfilled(AddressSpace space, long page, Chunk chunk, long seen, long busy) {
        int frame = Slot.frame(busy);
        if (seen == Slot.ABSENT || page >= space.sizePages()) {
            chunk.clear(Chunk.index(page), busy);
            space.translation().dropIfEmpty(chunk);
        } else {
            chunk.publish(Chunk.index(page), seen);
        }
        Removal.leftNarrowed(context, space, page, frame);
        context.unlock(frame, FrameState::unlock);
        context.allocator().put(frame);
    }

    private static void checkInside(AddressSpace space, long page) {
        if (page < 0 || page >= space.sizePages()) {
            throw beyondEnd(space, page);
        }
    }

    static IndexOutOfBoundsException beyondEnd(AddressSpace space, long page) {
        return new IndexOutOfBoundsException(
                "page must be below "
                        + space.sizePages()
                        + ": page="
                        + page
                        + ", file="
                        + space.name());
    }
}
