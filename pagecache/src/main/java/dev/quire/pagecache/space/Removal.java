package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.WRITEBACK;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageHooks;

import java.util.function.LongUnaryOperator;

/**
 * The way out of the cache. Every page that leaves, by reclaim, truncate, close or a failed fill,
 * passes {@link #leave}, which calls the store's {@code freePage} exactly once (S4.1); there is no
 * second road.
 */
public final class Removal {
    /** What became of a page that reclaim asked for. */
    public enum Outcome {
        /** The frame is FROZEN and the caller's. */
        EVICTED,
        /** It belonged to no address space any more; the caller drops its reference. */
        DETACHED,
        /** In use: it should stay. */
        USED,
        /** In the way of somebody, or refused by the store; try another time. */
        BUSY,
        /** Only write-back can free it. */
        DIRTY
    }

    private final CacheContext context;
    private final FrameTable frames;

    Removal(CacheContext context) {
        this.context = context;
        this.frames = context.frames();
    }

    /**
     * What the slot of a frame's page holds: a hint, for who has the frame isolated.
     *
     * @param frame any
     * @return a slot; ABSENT when there is none
     */
    public long slotOf(int frame) {
        AddressSpace space = context.spaces().find(frames.owner(frame));
        return space == null ? Slot.ABSENT : space.translation().slot(frames.page(frame));
    }

    /**
     * Evicts a clean, unused page. Never blocks and never writes.
     *
     * @param frame a frame that the caller isolated: off the lists, with one reference of its own
     * @return what became of it; the caller's reference is gone only after EVICTED
     */
    public Outcome tryEvict(int frame) {
        if (!frames.tryLock(frame)) {
            return Outcome.BUSY;
        }
        Outcome outcome = tryEvictLocked(frame);
        if (outcome != Outcome.EVICTED) {
            context.unlock(frame, FrameState::unlock);
        }
        return outcome;
    }

    private Outcome tryEvictLocked(int frame) {
        AddressSpace space = context.spaces().find(frames.owner(frame));
        return space == null
                ? Outcome.DETACHED
                : tryTakeLocked(space, frame, true, Removal::freezeIsolated);
    }

    /**
     * As {@link #tryEvict}, of a page on its list, which its frame stays on.
     *
     * @param frame any
     * @return whether the frame is FROZEN and the caller's; else nothing has happened
     */
    boolean tryEvictListed(int frame) {
        if (frames.update(frame, FrameState::lockListed) == REFUSED) {
            return false;
        }
        AddressSpace space = context.spaces().find(frames.owner(frame));
        boolean evicted =
                space != null
                        && tryTakeLocked(space, frame, true, FrameState::freezeListed)
                                == Outcome.EVICTED;
        if (!evicted) {
            // With what may be the last reference, if the page was cut off.
            context.endLatch(frame, word -> FrameState.put(FrameState.unlock(word)));
        }
        return evicted;
    }

    /**
     * Removes a clean page that nobody holds, however often it was used. Never blocks and never
     * writes.
     *
     * @param space whose page
     * @param page page index
     * @param frame where it is, or was; off the lists, with one reference of the caller's
     * @return what became of it, as {@link #tryEvict}
     */
    Outcome tryInvalidate(AddressSpace space, long page, int frame) {
        if (!frames.tryLock(frame)) {
            return Outcome.BUSY;
        }
        boolean same = frames.owner(frame) == space.id() && frames.page(frame) == page;
        Outcome outcome =
                same ? tryTakeLocked(space, frame, false, Removal::freezeIsolated) : Outcome.BUSY;
        if (outcome != Outcome.EVICTED) {
            context.unlock(frame, FrameState::unlock);
        }
        return outcome;
    }

    /** Two references: the cache's and ours. */
    private static long freezeIsolated(long word) {
        return FrameState.freeze(word, 2, FrameState.BUSY_FOR_EVICTION);
    }

    private Outcome tryTakeLocked(
            AddressSpace space, int frame, boolean evict, LongUnaryOperator freeze) {
        long word = frames.word(frame);
        if (FrameState.any(word, WRITEBACK | EXCLUSIVE | SHARED_EXCLUSIVE)) {
            return Outcome.BUSY;
        }
        if ((evict && frames.uses(frame) > 0) || FrameState.pins(word) > 0) {
            return Outcome.USED;
        }
        if (FrameState.any(word, FrameState.DIRTY)) {
            return Outcome.DIRTY;
        }
        long page = frames.page(frame);
        if (!mayRelease(space, page, frame)) {
            return Outcome.BUSY;
        }
        // One CAS proves that nobody else has a reference, and that there was no store into the
        // page
        // that write-back has not seen (S4.10).
        if (frames.update(frame, freeze) == REFUSED) {
            return Outcome.BUSY;
        }
        Chunk chunk = chunkOf(space, page, frame);
        long becomes = Slot.ABSENT;
        if (evict) {
            becomes = Slot.shadow(context.lru().leave(frame));
            space.counters().evictions.increment();
            if (frames.isUnread(frame)) {
                space.readAhead().wasted();
                space.counters().prefetchesWasted.increment();
            }
        }
        leave(context, space, chunk, page, frame, becomes);
        context.unlock(frame, FrameState::unlock);
        return Outcome.EVICTED;
    }

    /**
     * Asks the store. A yes gives the private data up: if the page stays all the same, because
     * somebody came by, it stays without (S4.5).
     */
    private boolean mayRelease(AddressSpace space, long page, int frame) {
        PrivateData privates = context.privateData();
        boolean has = FrameState.any(frames.word(frame), FrameState.PRIVATE);
        long data = has ? privates.get(frame) : PageHooks.NO_PRIVATE_DATA;
        return context.callbacks().mayRelease(space, page, frame, data)
                && (!has || privates.detach(frame, data)); // or it has other data by now
    }

    /**
     * Removes every page from an index on: truncate, or the end of the address space. Waits for
     * fills, latches and write-back, never for pins: a pinned page is detached, its bytes stay
     * until the pin is released.
     *
     * @param space whose pages; nobody brings in pages from there on meanwhile
     * @param fromPage the first page to go
     * @param dropDirty whether the content of dirty pages is given up; otherwise they stay
     * @return how many dirty pages stayed
     */
    public int removeFrom(AddressSpace space, long fromPage, boolean dropDirty) {
        return removeRange(space, fromPage, Translation.PAGES_MAX, dropDirty);
    }

    /** As {@link #removeFrom}, for the pages before an end. */
    int removeRange(AddressSpace space, long fromPage, long endPage, boolean dropDirty) {
        int stayed = 0;
        Translation translation = space.translation();
        Chunk chunk = translation.findFrom(fromPage);
        while (chunk != null && chunk.firstPage() < endPage) {
            long first = chunk.firstPage();
            int from = first < fromPage ? Chunk.index(fromPage) : 0;
            int end = (int) Math.min(Chunk.PAGES, endPage - first);
            for (int index = from; index < end; index++) {
                stayed += removePage(space, first + index, dropDirty) ? 0 : 1;
            }
            translation.dropIfEmpty(chunk);
            chunk = translation.findFrom(first + Chunk.PAGES);
        }
        return stayed;
    }

    /** Answers false only for a dirty page that stays. */
    private boolean removePage(AddressSpace space, long page, boolean dropDirty) {
        int index = Chunk.index(page);
        while (true) {
            Chunk chunk = space.translation().find(page); // each time: it may have been dropped
            long slot = chunk == null ? Slot.ABSENT : chunk.slot(index);
            if (chunk == null
                    || slot == Slot.ABSENT
                    || (Slot.isShadow(slot) && chunk.clear(index, slot))) {
                return true;
            }
            if (Slot.isResident(slot) && latchResident(space, chunk, index, Slot.frame(slot))) {
                int frame = Slot.frame(slot);
                if (!dropDirty && FrameState.any(frames.word(frame), FrameState.DIRTY)) {
                    unlatch(frame);
                    return false;
                }
                removeLatched(space, page, frame);
                return true;
            }
        }
    }

    /**
     * Removes a clean page, unless the store keeps it. Waits for fills, latches and write-back; a
     * reference is not in the way: who holds one looks at the slot again, and nobody keeps a pin of
     * a page that is under a direct write.
     *
     * @param space whose page, under a direct write
     * @param page page index
     * @return false if it stays
     */
    boolean removeUnderDirectWrite(AddressSpace space, long page) {
        int index = Chunk.index(page);
        while (true) {
            Chunk chunk = space.translation().find(page);
            long slot = chunk == null ? Slot.ABSENT : chunk.slot(index);
            if (chunk == null || !Slot.isResident(slot)) {
                return true;
            }
            int frame = Slot.frame(slot);
            if (latchResident(space, chunk, index, frame)) {
                boolean goes =
                        !FrameState.any(frames.word(frame), FrameState.DIRTY)
                                && mayRelease(space, page, frame);
                if (goes) {
                    removeLatched(space, page, frame);
                } else {
                    unlatch(frame);
                }
                return goes;
            }
        }
    }

    /**
     * Takes a page to the caller alone, lock and latch; or sleeps until it is worth looking again.
     *
     * @return whether the page is the caller's, until {@link #unlatch}
     */
    boolean latchResident(AddressSpace space, Chunk chunk, int index, int frame) {
        if (frames.update(frame, Removal::lockAndLatch) == REFUSED) {
            long page = chunk.firstPage() + index;
            context.awaitAny(space, page, frame, LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE | WRITEBACK);
            return false;
        }
        if (!Slot.names(chunk.slot(index), frame)) {
            unlatch(frame);
            return false;
        }
        return true;
    }

    private static long lockAndLatch(long word) {
        long locked = FrameState.lock(word);
        return locked == REFUSED ? REFUSED : FrameState.beginExclusive(locked);
    }

    private void removeLatched(AddressSpace space, long page, int frame) {
        Chunk chunk = chunkOf(space, page, frame); // it has the page, so it stays
        boolean onList = context.lru().drop(frame);
        context.dirtyMarks().unmark(space, chunk, page, frame);
        frames.clear(frame, FrameState.DIRTY);
        leave(context, space, chunk, page, frame, Slot.ABSENT);
        unlatch(frame);
        if (onList) {
            context.allocator().put(frame);
        }
        context.allocator().put(frame);
    }

    /** Gives latch, lock and the latch's reference back. */
    void unlatch(int frame) {
        unlatch(frame, false);
    }

    /** As {@link #unlatch(int)}, of a page that may have been changed. */
    void unlatch(int frame, boolean dirty) {
        context.endLatch(
                frame,
                dirty
                        ? word -> FrameState.endExclusiveDirty(FrameState.unlock(word))
                        : word -> FrameState.endExclusive(FrameState.unlock(word)));
    }

    /**
     * The one funnel: from here on the page can no longer be found, and the store is told. Its
     * frame is not yet given back.
     *
     * @param context the cache
     * @param space whose page it was
     * @param chunk where its slot is
     * @param page which
     * @param frame where it is; the caller has it locked, latched or frozen
     * @param becomes what its slot holds from now on: ABSENT or a shadow
     */
    static void leave(
            CacheContext context,
            AddressSpace space,
            Chunk chunk,
            long page,
            int frame,
            long becomes) {
        boolean heard = space.hooks().freePage();
        if (heard) {
            space.departures().begin();
        }
        try {
            space.counters().cachedPages.decrement();
            context.counters().cachedPages.decrementAndGet();
            int index = Chunk.index(page);
            if (becomes == Slot.ABSENT) {
                chunk.clear(index, chunk.slot(index));
            } else {
                chunk.publish(index, becomes);
            }
            left(context, space, page, frame);
        } finally {
            if (heard) {
                space.departures().end();
            }
        }
    }

    private static void left(CacheContext context, AddressSpace space, long page, int frame) {
        context.frames().own(frame, FrameTable.OWNER_NONE, 0);
        context.frames().uses(frame, 0);
        // Ordering: the slot no longer names the frame, by a CAS, then the flag is read.
        // Pairs:    CursorHold.attachPrivate: the flag by CAS, then the slot.
        // Gives:    data attached by who has a pin either is told here, or its attach is refused.
        // Checked:  src-test jcstress AttachPrivateAgainstRemoval.
        long data = context.privateData().take(frame);
        context.callbacks().freePage(space, page, frame, data);
    }

    private Chunk chunkOf(AddressSpace space, long page, int frame) {
        Chunk chunk = space.translation().find(page);
        if (chunk == null || !Slot.names(chunk.slot(Chunk.index(page)), frame)) {
            throw new AssertionError("I5: no slot names the frame: " + frames.describe(frame));
        }
        return chunk;
    }
}
