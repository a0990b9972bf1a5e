package dev.quire.bench.run;

import dev.quire.pagecache.PageCursor;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** What the pages of a file must hold, and how a workload may rewrite them. Any thread. */
sealed interface Contents extends AutoCloseable permits StampedContents, ForeignContents {
    /** How many pages the workload uses, from page 0 on. */
    long pages();

    /**
     * What an operation that starts now must at least find; asked for <em>before</em> the page is
     * read, and handed to {@link #check} or {@link #rewrite}.
     */
    long expected(long page);

    /**
     * Checks a page that was read through the page cache.
     *
     * @param copy its bytes, validated by the cursor
     * @param page its number
     * @param expected from {@link #expected}
     * @return what is wrong, or null
     */
    @Nullable Mismatch check(PageCopy copy, long page, long expected);

    /**
     * Rewrites a page through the page cache, after a check of what it holds.
     *
     * @param cursor of this thread, which holds no page
     * @param copy of this thread, overwritten
     * @param page its number
     * @param expected from {@link #expected}
     * @return what is wrong, or null
     * @throws IOException when the page cannot be read, or may not be written
     */
    @Nullable Mismatch rewrite(PageCursor cursor, PageCopy copy, long page, long expected)
            throws IOException;

    /**
     * Checks a page that was read from the closed file by plain reads.
     *
     * @param copy its bytes
     * @param page its number
     * @return what is wrong, or null
     */
    @Nullable Mismatch checkClosed(PageCopy copy, long page);

    @Override
    void close();
}
