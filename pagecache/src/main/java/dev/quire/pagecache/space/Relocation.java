package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.REFUSED;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.RelocationOutcome;

import java.lang.foreign.MemorySegment;

/**
 * Moves cached pages to other frames, dirty ones too, while others read, write and pin them.
 *
 * <p>Nothing may begin between the proof that nobody has the page and the switch of its slot (S3):
 * the frame is frozen first, by one CAS that is the proof, then its bytes are copied, then the slot
 * is switched. Whoever comes meanwhile is refused by the frame's word, waits for the page lock, and
 * finds the new frame in the slot. Readers need not wait: until the switch the old frame holds what
 * the slot says, unchanged; afterwards they read again.
 *
 * <p>Source: Linux {@code migrate_folio}, which copies before it freezes, since who writes there
 * has the page locked.
 */
public final class Relocation {
    private final CacheContext context;
    private final FrameTable frames;

    Relocation(CacheContext context) {
        this.context = context;
        frames = context.frames();
    }

    /**
     * Moves a page to a free frame. Waits for nobody.
     *
     * @param space whose page
     * @param page page index
     * @return what became of it; unless MOVED nothing is changed
     */
    public RelocationOutcome relocate(AddressSpace space, long page) {
        long slot = space.translation().slot(page);
        if (!Slot.isResident(slot)) {
            return RelocationOutcome.ABSENT;
        }
        int from = Slot.frame(slot);
        // From the reserve too: another frame comes back at once.
        PageAllocator allocator = context.allocator();
        int to = allocator.frame(allocator.tryAllocate(0, AllocContext.RESERVE));
        if (to == PageAllocator.NO_FRAME) {
            return RelocationOutcome.NO_FRAME;
        }
        RelocationOutcome outcome = migrate(space, page, from, to);
        if (outcome == RelocationOutcome.MOVED) {
            allocator.freeFrozen(from);
        } else {
            allocator.put(to);
        }
        return outcome;
    }

    /**
     * Moves a page from one frame to another. Waits for nobody.
     *
     * @param space whose page
     * @param page page index
     * @param from where it is, or was
     * @param to a frame from the allocator, with one reference; stays the caller's unless MOVED
     * @return what became of it; after MOVED {@code from} is FROZEN and the caller's, otherwise
     *     nothing is changed
     */
    public RelocationOutcome migrate(AddressSpace space, long page, int from, int to) {
        Chunk chunk = space.translation().find(page);
        if (chunk == null || !Slot.names(chunk.slot(Chunk.index(page)), from)) {
            return RelocationOutcome.ABSENT;
        }
        if (frames.update(from, FrameState::beginMove) == REFUSED) {
            return inTheWay(from);
        }
        // With lock and reference it stays the page's, if it is.
        RelocationOutcome outcome =
                Slot.names(chunk.slot(Chunk.index(page)), from)
                        ? migrateLocked(space, page, from, to)
                        : RelocationOutcome.AGAIN;
        if (outcome != RelocationOutcome.MOVED) {
            context.endLatch(from, word -> FrameState.put(FrameState.unlock(word)));
        }
        return outcome;
    }

    /** Why a frame cannot be taken: for longer, or for a moment. */
    private RelocationOutcome inTheWay(int frame) {
        long word = frames.word(frame);
        boolean busy =
                FrameState.pins(word) > 0
                        || FrameState.any(word, FrameState.BUSY_FOR_RELOCATION | FrameState.LOCKED)
                        || !FrameState.any(word, FrameState.UPTODATE);
        return busy ? RelocationOutcome.BUSY : RelocationOutcome.AGAIN;
    }

    private RelocationOutcome migrateLocked(AddressSpace space, long page, int from, int to) {
        PrivateData privates = context.privateData();
        boolean has = FrameState.any(frames.word(from), FrameState.PRIVATE);
        long data = has ? privates.get(from) : PageHooks.NO_PRIVATE_DATA;
        if (!context.callbacks().mayMigrate(space, page, from, data)) {
            return RelocationOutcome.BUSY;
        }
        // Ordering: FROZEN by a full CAS that proves "nobody else", then the copy, then the slot
        //           with release, then the old frame is given away.
        // Pairs:    a pin or a latch: the word by CAS, then the slot; a read: slot, bytes, fence,
        //           slot.
        // Gives:    a pin or a latch is on the frame in the slot, or refused; no write falls
        //           between copy and switch; what was read of the old frame is valid, or read
        // again.
        // Checked:  src-test jcstress PinAgainstRelocation, WriteAgainstRelocation,
        //           OptimisticReadAgainstRelocation.
        long frozen = frames.update(from, FrameState::freezeToMove);
        if (frozen == REFUSED) {
            return pinnedOrHeld(from);
        }
        // Other data by now, about which nobody was asked.
        if (has != FrameState.any(frozen, FrameState.PRIVATE)
                || (has && privates.get(from) != data)) {
            frames.unfreeze(from, FrameState.refsToMove(frozen));
            return RelocationOutcome.AGAIN;
        }
        MemorySegment region = context.allocator().region();
        int shift = context.pageShift();
        MemorySegment.copy(
                region, (long) from << shift, region, (long) to << shift, context.pageBytes());
        carry(space, page, from, to, frozen);
        switchSlot(space, page, to);
        leaveOldFrame(from, to);
        return RelocationOutcome.MOVED;
    }

    /** Why a page that this thread has locked was not frozen. */
    private RelocationOutcome pinnedOrHeld(int frame) {
        long word = frames.word(frame);
        boolean busy =
                FrameState.pins(word) > 0 || FrameState.any(word, FrameState.BUSY_FOR_RELOCATION);
        return busy ? RelocationOutcome.BUSY : RelocationOutcome.AGAIN;
    }

    /** What is known of the page beside its bytes, before anybody can find it in the new frame. */
    private void carry(AddressSpace space, long page, int from, int to, long frozen) {
        frames.own(to, space.id(), page);
        if (frames.isUnread(from)) {
            frames.unread(to);
        } else {
            frames.uses(to, frames.uses(from));
        }
        context.lsns().copy(from, to);
        if (FrameState.any(frozen, FrameState.PRIVATE)) {
            context.privateData().move(from, to);
        }
        // Through a stale slot somebody may hold it for a moment: a transition, not a store.
        long moved = frames.update(to, word -> FrameState.moveIn(word, frozen));
        frames.require(to, moved, "moveIn");
    }

    /** A marked page stays BUSY, see {@link ReadsAhead}. */
    private void switchSlot(AddressSpace space, long page, int to) {
        Chunk chunk = space.translation().findOrMake(page); // it has the page, so it stays
        int index = Chunk.index(page);
        chunk.publish(index, Slot.moved(chunk.slot(index), to, frames.nextVersion(to)));
    }

    private void leaveOldFrame(int from, int to) {
        context.lsns().forget(from);
        context.lru().replace(from, to);
        frames.own(from, FrameTable.OWNER_NONE, 0);
        frames.uses(from, 0);
        context.counters().relocations.increment();
        context.unlock(to, FrameState::unlock);
        context.unlock(from, FrameState::moveOut);
    }
}
