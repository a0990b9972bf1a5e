package dev.quire.pagecache;

import java.nio.file.OpenOption;

/**
 * What a cursor will be used for: advice, on which no result depends. Given to {@link
 * PagedFile#cursor(CursorHint...)} for one cursor; or among the options of {@link PageCache#open},
 * for the cursors of that handle that are made without hints, and for its channels.
 */
public enum CursorHint implements OpenOption {
    /**
     * Pages are read one after the other, forward or backward. Without it that is found out: by a
     * read of the file's first page, or by the second of two neighbours that had to be waited for
     * (the third of three while pages are read ahead in vain), and what is read ahead grows from
     * little. With it the first page that has to be waited for has as much read ahead as is
     * allowed, see {@link PagedFile#readAheadBytes}. A store that has no asynchronous reads ({@link
     * dev.quire.pagecache.backing.AddressSpaceOps#readPages}) is read ahead for such cursors only.
     */
    SEQUENTIAL,

    /** Pages are read in no order: each is read alone, and nothing ahead. */
    RANDOM,

    /**
     * The file will be needed as a whole, soon: as much of it as may be on its way in at once is
     * begun to be read, from its first page, when the cursor is made or the file opened. For a part
     * of it, or more of it, see {@link PagedFile#prefetchRange}.
     */
    WILL_NEED,

    /**
     * For streams, which read or write each page once. What the cursor does to a page does not
     * count as a use; and the page that it leaves, for another one or by being closed, is dropped
     * from the cache at once, so that nobody else's pages have to go for it. A page stays that was
     * used by others since it came in, or that others hold; and so does a dirty one, which is on
     * probation then and goes early once it is written back. Goes well with read-ahead, which is no
     * use either.
     *
     * <p>A read through such a cursor costs a little more than through another one.
     */
    DROP_BEHIND
}
