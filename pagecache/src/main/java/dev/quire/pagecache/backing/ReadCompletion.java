package dev.quire.pagecache.backing;

import org.jspecify.annotations.Nullable;

/** Told by a store that a read of {@link AddressSpaceOps#readPages} is over. */
@FunctionalInterface
public interface ReadCompletion {
    /**
     * Reports the outcome: once, on any thread, but not on the stack that asked for the read. It
     * does not wait, and no user code runs in it. The store no longer touches the pages.
     *
     * @param bytes how many bytes from the start of the first page on are filled; the cache zeroes
     *     the rest. Without meaning when it failed
     * @param failure null when it succeeded; else none of the pages counts as read
     */
    void complete(long bytes, @Nullable Throwable failure);
}
