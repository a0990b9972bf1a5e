package dev.quire.pagecache.reclaim;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Removal;

import java.util.Arrays;

/**
 * Empties whole blocks of frames, so that their memory can be given back to the system: frames that
 * the policy alone picks lie scattered, and free hardly any. Blocks with the fewest pages that are
 * in use go first; one with a page that cannot go is left alone. Confined to one thread.
 */
final class BlockSweep {
    /** Memory goes back by huge pages. */
    private static final long BLOCK_BYTES = 2L << 20;

    private static final long STUCK = FrameState.DIRTY | FrameState.BUSY_FOR_EVICTION;

    private final CacheContext context;
    private final FrameTable frames;
    private final int blockFrames;

    BlockSweep(CacheContext context) {
        this.context = context;
        frames = context.frames();
        blockFrames = Math.toIntExact(BLOCK_BYTES / context.pageBytes());
    }

    /**
     * Empties blocks until so many frames lie in empty ones, or no other block can be emptied.
     *
     * @param wanted frames that shall not be used
     * @return how many pages went
     */
    int run(int wanted) {
        long[] order = blocksByCost();
        int evicted = 0;
        long emptied = 0;
        for (int i = 0; i < order.length && emptied + blockFrames <= wanted; i++) {
            evicted += empty((int) order[i] * blockFrames);
            emptied += blockFrames;
        }
        return evicted;
    }

    /** Blocks that can be emptied: cost in the upper half, number in the lower. */
    private long[] blocksByCost() {
        int blocks = frames.frameCount() / blockFrames;
        long[] costs = new long[blocks];
        int count = 0;
        for (int block = 0; block < blocks; block++) {
            long cost = cost(block * blockFrames);
            if (cost >= 0) {
                costs[count++] = cost << Integer.SIZE | block;
            }
        }
        long[] order = Arrays.copyOf(costs, count);
        Arrays.sort(order);
        return order;
    }

    /** Pages weigh one, those in use three; -1 if one of them cannot go. */
    private long cost(int first) {
        long cost = 0;
        for (int frame = first; frame < first + blockFrames; frame++) {
            long word = frames.word(frame);
            boolean cached = frames.owner(frame) != FrameTable.OWNER_NONE;
            int others = FrameState.refs(word) - (cached ? 1 : 0);
            if (others > 0 || FrameState.any(word, STUCK)) {
                return -1;
            }
            boolean used = frames.uses(frame) > 0 || FrameState.any(word, FrameState.ACTIVE);
            cost += cached ? (used ? 3 : 1) : 0;
        }
        return cost;
    }

    private int empty(int first) {
        int evicted = 0;
        for (int frame = first; frame < first + blockFrames; frame++) {
            if (context.lru().remove(frame)) {
                evicted += evict(frame) ? 1 : 0;
            }
        }
        context.allocator().drainCaches(); // one of them there keeps the block
        return evicted;
    }

    private boolean evict(int frame) {
        frames.uses(frame, 0); // not asked: it is in the way by where it lies
        Removal.Outcome outcome = context.removal().tryEvict(frame);
        switch (outcome) {
            case EVICTED -> context.allocator().freeFrozen(frame);
            case DETACHED -> context.allocator().put(frame);
            case USED, BUSY, DIRTY -> {
                // On the list again before our reference goes: else two could link it (S1.4).
                context.lru().putBack(frame, outcome == Removal.Outcome.USED);
                context.allocator().put(frame);
            }
        }
        return outcome == Removal.Outcome.EVICTED;
    }
}
