package dev.quire.pagecache.reclaim;

import dev.quire.allocator.BuddyInfo;
import dev.quire.allocator.PageAllocator;

import org.agrona.concurrent.Agent;

/**
 * Makes free blocks of 2 MiB before anybody asks for them, a few pages at a time. A turn that finds
 * nothing to do, or nothing that can be done, is followed by ever more that do not look.
 */
public final class CompactionAgent implements Agent {
    private static final long BLOCK_BYTES = 2L << 20;
    private static final int SKIPPED_TURNS_MAX = 64;

    private final Compaction compaction;
    private final PageAllocator allocator;
    private final int pagesPerTurn;
    private final int order;
    private int skipNext;
    private int toSkip;

    /**
     * The agent of one cache.
     *
     * @param compaction the cache's
     * @param allocator whose blocks
     * @param pagesPerTurn how many pages a turn may move: blocks that have more stay
     */
    public CompactionAgent(Compaction compaction, PageAllocator allocator, int pagesPerTurn) {
        this.compaction = compaction;
        this.allocator = allocator;
        this.pagesPerTurn = pagesPerTurn;
        order = Long.numberOfTrailingZeros(BLOCK_BYTES / allocator.pageBytes());
    }

    @Override
    public int doWork() {
        if (toSkip > 0) {
            toSkip--;
            return 0;
        }
        int made =
                worthTrying() ? compaction.run(order, Integer.MAX_VALUE, pagesPerTurn).blocks() : 0;
        skipNext = made > 0 ? 0 : Math.min(SKIPPED_TURNS_MAX, 2 * skipNext + 1);
        toSkip = skipNext;
        return made;
    }

    /** Whether free frames that lie scattered would be a block. */
    private boolean worthTrying() {
        BuddyInfo info = allocator.buddyInfo();
        int scattered = 0;
        for (int each = 0; each < order; each++) {
            scattered += info.freeBlocks(each) << each;
        }
        return scattered >= 1 << order;
    }

    @Override
    public String roleName() {
        return "quire-compactor";
    }
}
