package dev.quire.pagecache.reclaim;

import dev.quire.allocator.frame.FrameTable;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * What lies in each block of frames: a look at the side table while others change it, so that it is
 * a hint. Each block has a cost, or is stuck because a frame of it cannot be taken.
 */
final class BlockSurvey {
    /** The cost of a frame that cannot be taken. */
    static final int STUCK = -1;

    private final int blockFrames;
    private final int[] costs;
    private final int[] used;

    /**
     * Looks at all frames.
     *
     * @param frames the side table
     * @param blockFrames how long a block is
     * @param costOf the cost of a frame that is not free, or {@link #STUCK}
     */
    BlockSurvey(FrameTable frames, int blockFrames, IntUnaryOperator costOf) {
        this.blockFrames = blockFrames;
        int blocks = frames.frameCount() / blockFrames;
        costs = new int[blocks];
        used = new int[blocks];
        for (int block = 0; block < blocks; block++) {
            for (int frame = firstFrame(block); frame < firstFrame(block + 1); frame++) {
                if (frames.order(frame) != FrameTable.ORDER_NONE) {
                    int cost = costOf.applyAsInt(frame);
                    used[block]++;
                    costs[block] =
                            cost == STUCK || costs[block] == STUCK ? STUCK : costs[block] + cost;
                }
            }
        }
    }

    int firstFrame(int block) {
        return block * blockFrames;
    }

    boolean isStuck(int block) {
        return costs[block] == STUCK;
    }

    int cost(int block) {
        return costs[block];
    }

    /** Frames of the block that are not free, those in frame caches included. */
    int used(int block) {
        return used[block];
    }

    /** All blocks, the cheapest first, those that are stuck at the end, the emptiest first. */
    int[] byCost() {
        long[] keys = new long[costs.length];
        for (int block = 0; block < keys.length; block++) {
            long cost = isStuck(block) ? (1L << 30) + used[block] : costs[block];
            keys[block] = cost << Integer.SIZE | block;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }
}
