package dev.quire.stress;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import java.lang.foreign.Arena;

/** Two frames; the first holds a page, which moves to the second in the steps of a relocation. */
abstract class MovingPage {
    static final int FROM = 0;
    static final int TO = 1;

    final FrameTable frames = new FrameTable(2);
    final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
    final int[] bytes = {42, 0};

    MovingPage() {
        frames.update(FROM, FrameState::allocate);
        frames.update(FROM, word -> FrameState.set(word, FrameState.UPTODATE | FrameState.LRU));
        frames.update(TO, FrameState::allocate);
        chunk.insert(0, Slot.ABSENT, Slot.readable(FROM, frames.nextVersion(FROM)));
    }

    final boolean begin() {
        return frames.update(FROM, FrameState::beginMove) != FrameState.REFUSED;
    }

    final boolean freeze() {
        return frames.update(FROM, FrameState::freezeToMove) != FrameState.REFUSED;
    }

    final void copy() {
        bytes[TO] = bytes[FROM];
    }

    final void switchSlot() {
        long from = frames.word(FROM);
        frames.update(TO, word -> FrameState.moveIn(word, from));
        chunk.publish(0, Slot.moved(chunk.slot(0), TO, frames.nextVersion(TO)));
        frames.update(TO, FrameState::unlock);
    }

    /** The old frame becomes another page's. */
    final void reuseOldFrame() {
        frames.clear(FROM, FrameState.LRU);
        frames.update(FROM, FrameState::moveOut);
        frames.update(FROM, FrameState::free);
        bytes[FROM] = 7;
    }
}
