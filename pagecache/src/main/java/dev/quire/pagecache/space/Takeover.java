package dev.quire.pagecache.space;

import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where a fault gets its frame when none is free and whoever has the lists of the policy is held
 * up: a page leaves as in any eviction, but its frame stays linked where it is, and the new page
 * has its place in the list with it. Pages are asked in the order of their frames, as a clock does.
 * Lock-free.
 */
final class Takeover {
    /** After so many rounds a use count has run out. */
    private static final int ROUNDS_MAX = FrameTable.USES_MAX + 2;

    private final CacheContext context;
    private final FrameTable frames;
    private final AtomicInteger hand = new AtomicInteger();

    Takeover(CacheContext context) {
        this.context = context;
        frames = context.frames();
    }

    /**
     * Takes a frame from a clean page that nobody uses, or one that waits to be taken off its list;
     * pages that were read ahead, and not come to yet, last.
     *
     * @return a frame that is FROZEN, the caller's, and still on its list, for {@link Fill#insert};
     *     NO_FRAME if all are in use
     */
    int take() {
        int count = frames.frameCount();
        for (long steps = (long) ROUNDS_MAX * count; steps > 0; steps--) {
            int frame = Math.floorMod(hand.getAndIncrement(), count);
            if ((steps <= count || !frames.isUnread(frame)) && isTaken(frame)) {
                return frame;
            }
        }
        return PageAllocator.NO_FRAME;
    }

    private boolean isTaken(int frame) {
        long word = frames.word(frame);
        if (FrameState.any(word, FrameState.DEFERRED)) {
            return frames.update(frame, FrameState::takeDeferred) != FrameState.REFUSED;
        }
        if (FrameState.lockListed(word) == FrameState.REFUSED) {
            return false;
        }
        int uses = frames.uses(frame);
        if (uses > 0) {
            frames.uses(frame, uses - 1);
            return false;
        }
        boolean evicted = context.removal().tryEvictListed(frame);
        context.shadowSweep().advance(evicted ? 1 : 0);
        return evicted;
    }

    /** Gives a frame back that was taken in vain: it is deferred (S1). */
    void giveBack(int frame) {
        frames.unfreeze(frame, 1);
        context.allocator().put(frame);
    }
}
