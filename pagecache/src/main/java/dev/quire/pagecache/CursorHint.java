package dev.quire.pagecache;

/** What a cursor will be used for: advice, on which no result depends. */
public enum CursorHint {
    /**
     * For streams, which read or write each page once. What the cursor does to a page does not
     * count as a use; and the page that it leaves, for another one or by being closed, is dropped
     * from the cache at once, so that nobody else's pages have to go for it. A page stays that was
     * used by others since it came in, or that others hold; and so does a dirty one, which is on
     * probation then and goes early once it is written back. Goes well with {@link
     * PagedFile#prefetchRange}: read-ahead is no use either.
     *
     * <p>A read through such a cursor costs a little more than through another one.
     */
    DROP_BEHIND
}
