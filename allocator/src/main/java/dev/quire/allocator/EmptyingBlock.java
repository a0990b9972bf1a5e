package dev.quire.allocator;

import dev.quire.allocator.zone.BuddyZone;

import java.util.BitSet;

/**
 * A block whose pages are being moved elsewhere, for Quire's own modules: what of it is free is out
 * of the zone meanwhile, so that nobody takes it. Closing it gives all of it to the zone at once;
 * when every frame is here by then, that is one free block. Confined to one thread.
 */
public final class EmptyingBlock implements AutoCloseable {
    private final BuddyZone zone;
    private final FrameRelease release;
    private final int head;
    private final int end;
    private final BitSet here = new BitSet();

    EmptyingBlock(BuddyZone zone, FrameRelease release, int head, int order) {
        this.zone = zone;
        this.release = release;
        this.head = head;
        end = head + (1 << order);
    }

    /** Takes what of it is free in the zone. */
    public void takeFree() {
        for (int frame = head; frame < end; frame++) {
            if (!here.get(frame - head) && zone.isFree(frame) && zone.allocateAt(frame, 0, 0)) {
                here.set(frame - head);
            }
        }
    }

    /**
     * Takes a frame whose page has moved away.
     *
     * @param frame a frame of the block, FROZEN, the caller's
     */
    public void take(int frame) {
        if (release.withdraw(frame)) {
            here.set(frame - head);
        }
    }

    /**
     * Whether a frame is here.
     *
     * @param frame a frame of the block
     * @return false when somebody else has it
     */
    public boolean has(int frame) {
        return here.get(frame - head);
    }

    /**
     * Whether every frame is here.
     *
     * @return true if closing it makes one free block
     */
    public boolean isWhole() {
        return here.cardinality() == end - head;
    }

    /** Gives what is here to the zone. */
    @Override
    public void close() {
        int[] frames = here.stream().map(index -> head + index).toArray();
        here.clear();
        release.giveBack(frames, frames.length);
    }

    @Override
    public String toString() {
        return "EmptyingBlock[frames="
                + head
                + ".."
                + (end - 1)
                + ", here="
                + here.cardinality()
                + "]";
    }
}
