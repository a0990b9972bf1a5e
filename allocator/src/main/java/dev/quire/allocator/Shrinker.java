package dev.quire.allocator;

/**
 * Whoever holds frames that it could do without: a page cache.
 *
 * <p>Whatever its methods throw is logged and ends there.
 */
public interface Shrinker {
    /**
     * Free frames fell below the low watermark: background reclaim should begin with {@link
     * PageAllocator#drainDeferred()} and {@link PageAllocator#drainCaches()}, and run until {@link
     * PageAllocator#belowHigh()} no longer holds. Called by an allocating thread, in any context
     * and often: it must be cheap, must not block and must not allocate frames.
     */
    void wake();

    /**
     * Direct reclaim: frees frames now, for a thread that found none. May block; should wait a
     * bounded time for something to become reclaimable rather than answer 0 at once, since {@link
     * PageAllocator#RECLAIM_ROUNDS_MAX} rounds without progress fail the allocation. One that
     * hangs, hangs those who reclaim, and nobody who finds a free frame.
     *
     * <p>Several threads may be in it at once, but none twice: an allocation made inside has the
     * context {@link AllocContext#RESERVE}, so that it may use the reserve, and fails instead of
     * calling again.
     *
     * @param frames how many are wanted, at least 1
     * @param context what the allocation may do: without {@code mayDoIo} this may not wait for
     *     write-back, nor for whatever may wait for it
     * @return how many were freed, 0 or more
     */
    int reclaim(int frames, AllocContext context);

    /**
     * Makes a free block by moving what lies in its way: asked when frames are free, but none of
     * the blocks that they form is large enough. Called like {@link #reclaim}, before it and after
     * rounds of it.
     *
     * @param order log2 of the wanted block's length in frames
     * @param context what the allocation may do
     * @return how many blocks were made; 0 by default
     */
    default int compact(int order, AllocContext context) {
        return 0;
    }

    /**
     * Who holds the frames that could not be reclaimed, for the message of an {@link
     * OutOfFramesException}. Called after reclaim has failed; may look at every frame, must not
     * block.
     *
     * @return a few lines, each after a line break; empty when there is nothing to say
     */
    default String holders() {
        return "";
    }
}
