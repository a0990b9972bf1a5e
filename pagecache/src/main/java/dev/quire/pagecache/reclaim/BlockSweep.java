package dev.quire.pagecache.reclaim;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Removal;

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
        BlockSurvey survey = new BlockSurvey(frames, blockFrames, this::costOf);
        int evicted = 0;
        long emptied = 0;
        for (int block : survey.byCost()) {
            if (survey.isStuck(block) || emptied + blockFrames > wanted) {
                break;
            }
            evicted += empty(survey.firstFrame(block));
            emptied += blockFrames;
        }
        return evicted;
    }

    /** Pages weigh one, those in use three. */
    private int costOf(int frame) {
        long word = frames.word(frame);
        boolean cached = frames.owner(frame) != FrameTable.OWNER_NONE;
        int others = FrameState.refs(word) - (cached ? 1 : 0);
        if (others > 0 || FrameState.any(word, STUCK)) {
            return BlockSurvey.STUCK;
        }
        boolean used = frames.uses(frame) > 0 || FrameState.any(word, FrameState.ACTIVE);
        return cached ? (used ? 3 : 1) : 0;
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
