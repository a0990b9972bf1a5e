package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.READAHEAD;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.UPTODATE;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.readahead.ReadPattern;

/** How the pages of one address space are pinned, and latched for writing, and given back. */
public final class PageLatches {
    private final AddressSpace space;
    private final CacheContext context;
    private final FrameTable frames;
    private final DirectWrites direct;
    private final Gate gate;
    private final DirtyThrottle throttle;
    private final boolean counted;
    private final ReadPattern pattern;

    /**
     * The latches of one address space.
     *
     * @param space whose pages
     * @param context its cache
     * @param throttle told of pages that become dirty
     * @param counted whether a pin or a latch counts as a use of the page
     * @param pattern in what order they are asked for
     */
    public PageLatches(
            AddressSpace space,
            CacheContext context,
            DirtyThrottle throttle,
            boolean counted,
            ReadPattern pattern) {
        this.space = space;
        this.context = context;
        this.throttle = throttle;
        this.counted = counted;
        this.pattern = pattern;
        frames = context.frames();
        direct = space.directWrites();
        gate = space.gate();
    }

    // ---- pins

    /**
     * Pins a page that is cached and up to date.
     *
     * @param at the place of its slot
     * @return its frame, which stays the page's until {@link #unpin}, or until the page is cut off;
     *     NO_FRAME when it is not there
     */
    public int tryPin(long at) {
        long slot = Slots.get(at);
        if (!Slot.isResident(slot)) {
            return FrameTable.NO_FRAME;
        }
        int frame = Slot.frame(slot);
        long word = frames.update(frame, FrameState::pin);
        if (word == REFUSED) {
            return FrameTable.NO_FRAME;
        }
        // Before the pin the frame could have gone to another page; from now on it cannot. The slot
        // last: a direct write that is over by now has taken the page out of it before.
        if ((gate.hasDirectWrites() && direct.cover(frames, frame))
                || !Slot.names(Slots.get(at), frame)
                || !FrameState.any(word, UPTODATE)) {
            unpin(frame);
            return FrameTable.NO_FRAME;
        }
        use(frame);
        return frame;
    }

    /**
     * Gives a pin back.
     *
     * @param frame a frame that the caller pinned
     */
    public void unpin(int frame) {
        long word = frames.update(frame, FrameState::unpin);
        frames.require(frame, word, "unpin");
        if (FrameState.reachedZero(word)) {
            context.allocator().lastPut(frame, word);
        }
    }

    private void use(int frame) {
        if (counted) {
            frames.use(frame);
        }
    }

    // ---- latches

    /**
     * Latches a page that is cached, and latched by nobody else, if the file has so many bytes.
     * What it holds is kept for snapshots that want it; while one is taken, only a thread that
     * holds another latch gets one.
     *
     * @param at the place of its slot
     * @param endBytes where the bytes to be written end in the file
     * @return its frame, the slot BUSY; or NO_FRAME
     */
    public int tryLatch(long at, long endBytes) {
        long slot = Slots.get(at);
        if (!Slot.isResident(slot)) {
            return FrameTable.NO_FRAME;
        }
        int frame = Slot.frame(slot);
        long word = frames.update(frame, FrameState::beginExclusive);
        if (word == REFUSED) {
            return FrameTable.NO_FRAME;
        }
        // Ordering: EXCLUSIVE by a full CAS, then the slot, then the gate and the size.
        // Pairs:    Removal: lock and latch, then the slot; Truncation: the gate or the size, full
        //           fence, then latches.
        // Gives:    a latched page is in its slot, nothing is written after the last sync, and
        //           nothing beyond the end.
        // Checked:  CloseTest.shouldLoseNoWriteThatReturnedBeforeClose,
        //           SizeTest.shouldNotLeaveBytesBehindTheEndWhenAWriteRacesWithACut.
        if (!Slot.names(Slots.get(at), frame)) {
            context.endLatch(frame, FrameState::endExclusive);
            return FrameTable.NO_FRAME;
        }
        if (endBytes > space.sizeBytes() || (!gate.isOpen() && !isAdmitted(frame))) {
            context.endLatch(frame, FrameState::endExclusive);
            space.checkWritable();
            return FrameTable.NO_FRAME;
        }
        Slots.beginStores(at);
        use(frame);
        if (FrameState.any(word, READAHEAD)) {
            context.readsAhead().latched(space, frame);
        }
        return frame;
    }

    /** What the gate was shut for, one by one; keeps what snapshots want of the page. */
    private boolean isAdmitted(int frame) {
        return gate.isWritable() && !direct.cover(frames, frame) && space.admits(frame);
    }

    /**
     * Latches a page, whatever it takes: reads it, grows the file, waits for another writer and for
     * write-back.
     *
     * @param page page index, 0..{@link Translation#PAGES_MAX}-1
     * @param zeroed whether its bytes are to be zero, so that it need not be read
     * @return its frame, the slot BUSY
     */
    public int latch(long page, boolean zeroed) {
        while (true) {
            space.checkWritable();
            context.awaitDirectWrite(space, page);
            int frame = context.growth().latchBeyondEnd(space, page);
            if (frame == FrameTable.NO_FRAME) {
                frame = latchResident(page, zeroed);
            }
            if (frame != FrameTable.NO_FRAME) {
                return frame;
            }
        }
    }

    /** One try to latch a page inside the file; answers its frame, or NO_FRAME to start again. */
    private int latchResident(long page, boolean zeroed) {
        Chunk chunk = space.translation().findOrMake(page);
        long at = chunk.at(Chunk.index(page));
        int frame = tryLatch(at, end(page));
        if (frame != FrameTable.NO_FRAME) {
            if (zeroed) {
                context.memory(frame).fill((byte) 0);
            }
            return frame;
        }
        long slot = Slots.get(at);
        if (Slot.isResident(slot)) {
            awaitLatch(page, Slot.frame(slot));
        } else if (zeroed) {
            space.snapshots().keep(page, page + 1);
            return context.growth().latchAbsent(space, page, chunk, slot, end(page));
        } else {
            faultUnlessCut(page);
        }
        return FrameTable.NO_FRAME;
    }

    private void awaitLatch(long page, int frame) {
        if (!space.snapshots().awaitTaken()) {
            context.awaitAny(space, page, frame, LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE);
        }
    }

    private void faultUnlessCut(long page) {
        try {
            context.faults().fault(space, page, pattern);
        } catch (BeyondEndException cut) {
            return; // it was inside a moment ago: the next try grows the file again
        }
    }

    /**
     * As {@link #latch}, but never grows the file: latches a page to write the bytes up to a
     * position.
     *
     * @param page page index
     * @param endBytes where they end in the file, inside the page or at its end
     * @param whole whether all bytes of the page will be written, so that it need not be read
     * @return its frame, the slot BUSY; NO_FRAME when the file does not reach that far
     */
    public int latchInside(long page, long endBytes, boolean whole) {
        while (endBytes <= space.sizeBytes()) {
            space.checkWritable();
            context.awaitDirectWrite(space, page);
            Chunk chunk = space.translation().findOrMake(page);
            long at = chunk.at(Chunk.index(page));
            int frame = tryLatch(at, endBytes);
            if (frame != FrameTable.NO_FRAME) {
                return frame;
            }
            long slot = Slots.get(at);
            if (Slot.isResident(slot)) {
                awaitLatch(page, Slot.frame(slot));
            } else if (whole) {
                space.snapshots().keep(page, page + 1);
                frame = context.growth().latchAbsent(space, page, chunk, slot, endBytes);
                if (frame != FrameTable.NO_FRAME) {
                    return frame;
                }
            } else {
                faultUnlessCut(page);
            }
        }
        return FrameTable.NO_FRAME;
    }

    /** Where a page begins in the file. */
    private long start(long page) {
        return page << context.pageShift();
    }

    /**
     * Where a page ends in the file.
     *
     * @param page page index
     * @return the first byte that is not in it
     */
    public long end(long page) {
        return start(page + 1);
    }

    /**
     * Latches a page only if it is still what an optimistic reader saw.
     *
     * @param page page index, wholly inside the file
     * @param at the place of its slot
     * @param seen the slot that the reader validates with, READABLE
     * @return its frame, the slot BUSY; NO_FRAME when it was written or has left, or is latched
     */
    public int upgrade(long page, long at, long seen) {
        int frame = tryLatch(at, end(page));
        if (frame == FrameTable.NO_FRAME || Slots.getOpaque(at) == Slot.busy(seen)) {
            return frame;
        }
        end(page, at, frame, false);
        return FrameTable.NO_FRAME;
    }

    /**
     * Marks a latched page dirty, before its frame is.
     *
     * @param page page index
     * @param frame its frame, latched by the caller
     */
    public void markDirty(long page, int frame) {
        Chunk chunk = space.translation().findOrMake(page); // it has the page, so it stays
        if (context.dirtyMarks().mark(space, chunk, page, frame)) {
            throttle.dirtied();
        }
    }

    /**
     * Gives a latch back, and publishes what was written.
     *
     * @param page page index
     * @param at the place of its slot
     * @param frame its frame, latched by the caller
     * @param dirty whether it was changed
     * @return the slot, READABLE, until the next writer
     */
    public long end(long page, long at, int frame, boolean dirty) {
        if (dirty) {
            markDirty(page, frame);
        }
        // A new version also when clean: the caller may have stored and taken it back.
        long slot = Slot.readable(frame, frames.nextVersion(frame));
        Slots.publish(at, slot);
        if (dirty) {
            context.endLatch(frame, FrameState::endExclusiveDirty);
        } else {
            context.endLatch(frame, FrameState::endExclusive);
        }
        return slot;
    }
}
