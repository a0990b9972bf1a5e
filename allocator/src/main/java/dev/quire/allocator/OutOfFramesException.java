package dev.quire.allocator;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * No block of the order that was asked for, after all that the allocation's context allows:
 * draining, and asking the shrinker, if there is one, to free some.
 *
 * <p>The message ends with who holds frames: with tracking the places of allocation, and what the
 * shrinker says; a page cache names the files whose pages are pinned, the first of those pages, and
 * how often.
 *
 * <p>A retry can help once somebody has put frames back. If enough frames are free but none of that
 * order, memory is fragmented: a smaller order can be had at once.
 */
public final class OutOfFramesException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The numbers at the time. */
    private final AllocatorStats stats;

    /** What was asked for. */
    private final int order;

    /** -1 when nothing was free. */
    private final int largestFreeOrder;

    /** What the shrinker said it freed. */
    private final int reclaimedFrames;

    OutOfFramesException(
            int order,
            int largestFreeOrder,
            int reclaimedFrames,
            AllocatorStats stats,
            List<AllocationSite> holders,
            String pinned,
            @Nullable Throwable cause) {
        super(
                text(order, largestFreeOrder, reclaimedFrames, stats) + lines(holders) + pinned,
                cause);
        this.order = order;
        this.largestFreeOrder = largestFreeOrder;
        this.reclaimedFrames = reclaimedFrames;
        this.stats = stats;
    }

    /** With tracking, who holds most. */
    private static String lines(List<AllocationSite> holders) {
        StringBuilder lines = new StringBuilder();
        for (AllocationSite holder : holders) {
            lines.append("\n  ").append(holder);
        }
        return lines.toString();
    }

    private static String text(
            int order, int largestFreeOrder, int reclaimedFrames, AllocatorStats stats) {
        return "out of frames: order="
                + order
                + ", freeFrames="
                + stats.freeFrames()
                + ", cachedFrames="
                + stats.cachedFrames()
                + ", largestFreeOrder="
                + (largestFreeOrder < 0 ? "none" : largestFreeOrder)
                + ", reserveFrames="
                + stats.reserveFrames()
                + ", withheldFrames="
                + stats.withheldFrames()
                + ", capacityFrames="
                + stats.capacityFrames()
                + ", allocatedFrames="
                + stats.allocatedFrames()
                + ", deferredFrames="
                + stats.deferredFrames()
                + ", quarantinedFrames="
                + stats.quarantinedFrames()
                + ", reclaimedFrames="
                + reclaimedFrames;
    }

    /**
     * The order that was asked for.
     *
     * @return 0..10
     */
    public int order() {
        return order;
    }

    /**
     * The largest order of which a block was free.
     *
     * @return 0..10, or -1 when nothing was free
     */
    public int largestFreeOrder() {
        return largestFreeOrder;
    }

    /**
     * What the shrinker said it freed for this allocation.
     *
     * @return frames, 0 or more
     */
    public int reclaimedFrames() {
        return reclaimedFrames;
    }

    /**
     * The allocator's numbers when it gave up.
     *
     * @return a snapshot
     */
    public AllocatorStats stats() {
        return stats;
    }
}
