package dev.quire.pagecache.reclaim;

import dev.quire.allocator.EmptyingBlock;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.RelocationOutcome;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes large free blocks out of scattered free frames, by moving pages together.
 *
 * <p>Blocks are emptied from the one with the fewest pages on, into those with the most: so each
 * free block costs as few moves as it can. What of a block is free is taken out of the zone first;
 * its pages follow; then all of it is given back at once. One page that cannot move, and the block
 * stays as it was; blocks that hold anything that never moves are only filled, not emptied.
 *
 * <p>Thread-safe: one thread compacts at a time. Waits for that one, and for no page.
 *
 * <p>Source: Linux {@code mm/compaction.c}, whose two scanners meet in the middle of the zone; here
 * the blocks are sorted, which the side table makes cheap.
 */
public final class Compaction {
    private static final int TRIES_MAX = 16;

    private static final long INSIDE =
            FrameState.LOCKED | FrameState.BUSY_FOR_RELOCATION | FrameState.QUARANTINED;

    /**
     * What came of it.
     *
     * @param blocks free blocks that were made
     * @param pagesMoved pages that moved
     * @param pagesBusy pages that could not, each of which kept a block
     */
    public record Result(int blocks, long pagesMoved, long pagesBusy) {}

    private final CacheContext context;
    private final PageAllocator allocator;
    private final FrameTable frames;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * The compaction of one cache.
     *
     * @param context the cache
     */
    public Compaction(CacheContext context) {
        this.context = context;
        allocator = context.allocator();
        frames = context.frames();
    }

    /**
     * Makes free blocks, besides those there are.
     *
     * @param order log2 of their length in frames
     * @param blocks how many at most
     * @param pagesMax how many pages may move; a block that has more is not begun
     * @return what came of it
     */
    public Result run(int order, int blocks, long pagesMax) {
        lock.lock();
        try {
            return new Run(order, blocks, pagesMax).run();
        } finally {
            lock.unlock();
        }
    }

    /** A page that may move, or what lies in a frame cache; what is free costs nothing. */
    private int costOf(int frame) {
        long word = frames.word(frame);
        if (word == FrameState.FREE || word == FrameState.SPARE) {
            return frames.order(frame) == FrameTable.ORDER_TAIL ? BlockSurvey.STUCK : 0;
        }
        boolean movable =
                frames.owner(frame) != FrameTable.OWNER_NONE
                        && FrameState.any(word, FrameState.UPTODATE)
                        && !FrameState.any(word, INSIDE)
                        && FrameState.pins(word) == 0;
        return movable ? 1 : BlockSurvey.STUCK;
    }

    /** One compaction: sources from the cheapest block up, targets from the other end down. */
    private final class Run {
        private final int order;
        private final int wanted;
        private final long pagesMax;
        private final BlockSurvey survey;
        private final int[] byCost;

        /** Index in byCost of the block that is being emptied. */
        private int source;

        /** Index in byCost of the block that pages go to: always behind the source. */
        private int target;

        /** Where in that block to look for a free frame. */
        private int targetFrame;

        /** A frame that was taken for a page which then did not move. */
        private int spare = PageAllocator.NO_FRAME;

        private int made;
        private long moved;
        private long busy;

        Run(int order, int wanted, long pagesMax) {
            this.order = order;
            this.wanted = wanted;
            this.pagesMax = pagesMax;
            allocator.drainDeferred();
            allocator.drainCaches(); // neither free in the zone nor used
            survey = new BlockSurvey(frames, 1 << order, Compaction.this::costOf);
            byCost = survey.byCost();
            target = byCost.length - 1;
            targetFrame = target < 0 ? 0 : survey.firstFrame(byCost[target]);
        }

        Result run() {
            try {
                while (made < wanted && source < target && mayEmpty(byCost[source])) {
                    if (survey.used(byCost[source]) > 0) {
                        empty(survey.firstFrame(byCost[source]));
                    } // else it is free
                    source++;
                }
            } finally {
                if (spare != PageAllocator.NO_FRAME) {
                    allocator.put(spare);
                }
            }
            return new Result(made, moved, busy);
        }

        private boolean mayEmpty(int block) {
            return !survey.isStuck(block)
                    && moved + survey.cost(block) <= pagesMax
                    && hasRoom(survey.cost(block));
        }

        /** Whether there is room for so many pages: else a block would be half emptied in vain. */
        private boolean hasRoom(int pages) {
            int room = 0;
            for (int i = target; i > source && room < pages; i--) {
                room += i == target ? restOfTarget() : (1 << order) - survey.used(byCost[i]);
            }
            return room >= pages;
        }

        private int restOfTarget() {
            int free = 0;
            for (int frame = targetFrame; frame < endOf(target); frame++) {
                free += frames.order(frame) == FrameTable.ORDER_NONE ? 1 : 0;
            }
            return free;
        }

        private int endOf(int index) {
            return survey.firstFrame(byCost[index] + 1);
        }

        private void empty(int first) {
            EmptyingBlock block = allocator.emptying(first, order);
            if (block == null) {
                target = source; // no more: others need what is free
                return;
            }
            try (block) {
                for (int frame = first; frame < first + (1 << order); frame++) {
                    if (!block.has(frame) && !moveOut(frame, block)) {
                        return;
                    }
                }
                if (!block.isWhole()) {
                    allocator.drainCaches(); // what was freed meanwhile
                    block.takeFree();
                }
                made += block.isWhole() ? 1 : 0;
            }
        }

        /** Answers false if the frame keeps the block. */
        private boolean moveOut(int frame, EmptyingBlock block) {
            for (int tries = 0; tries < TRIES_MAX; tries++) {
                AddressSpace space = context.spaces().find(frames.owner(frame));
                if (space == null) {
                    return true; // left, or was in a frame cache: looked for at the end
                }
                int to = targetFrame();
                if (to == PageAllocator.NO_FRAME) {
                    return false;
                }
                RelocationOutcome outcome =
                        context.relocation().migrate(space, frames.page(frame), frame, to);
                if (outcome == RelocationOutcome.MOVED) {
                    block.take(frame);
                    moved++;
                    return true;
                }
                spare = to;
                if (outcome == RelocationOutcome.BUSY) {
                    break;
                }
                Thread.onSpinWait();
            }
            busy++;
            return false;
        }

        /** The next free frame, in the fullest block that has one. */
        private int targetFrame() {
            int frame = spare;
            spare = PageAllocator.NO_FRAME;
            while (frame == PageAllocator.NO_FRAME && target > source) {
                frame = allocator.tryAllocateBetween(targetFrame, endOf(target));
                if (frame == PageAllocator.NO_FRAME) {
                    target--;
                    targetFrame = survey.firstFrame(byCost[target]);
                } else {
                    targetFrame = frame + 1;
                }
            }
            return frame;
        }
    }
}
