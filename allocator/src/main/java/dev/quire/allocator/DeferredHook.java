package dev.quire.allocator;

/** Takes frames off the lists that the allocator knows nothing about. */
@FunctionalInterface
public interface DeferredHook {
    /**
     * Takes a frame that waits to be freed off its LRU list: claims it with {@code
     * FrameState.claimDeferred}, and if that was not refused, unlinks it under the list's lock; or
     * answers false if the lock cannot be had.
     *
     * <p>The claim decides, for the frame may have been claimed by a scan in the meantime, and may
     * even hold another page by now. A frame that is still deferred after the answer false, or
     * after an exception, is offered again at the next drain. Called without any lock of the
     * allocator; may take list locks, may not allocate.
     *
     * @param frame head frame of a block that was deferred when it was looked at
     * @return whether it is now FROZEN and given to the allocator
     */
    boolean unlink(int frame);
}
