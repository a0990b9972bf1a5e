package dev.quire.pagecache;

import org.jspecify.annotations.Nullable;

/** Called when a page that {@link PagedFile#readAsync} was asked for is cached, or cannot be. */
@FunctionalInterface
public interface PageCompletion {
    /**
     * Reports the outcome: exactly once for each accepted request, never on the stack that asked.
     * What it throws is counted and logged, and goes no further.
     *
     * @param page the page asked for
     * @param failure null when the page is cached: at this moment, since it may be evicted again
     *     before it is looked at. Else what {@link PageCursor#read} would have thrown
     */
    void complete(long page, @Nullable Throwable failure);
}
