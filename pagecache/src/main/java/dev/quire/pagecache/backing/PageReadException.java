package dev.quire.pagecache.backing;

import dev.quire.aio.IoException;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A page could not be read from the store behind it. The page is not cached; a later call tries
 * again.
 */
public class PageReadException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    /** Which page. */
    private final long page;

    /** Of which file. */
    private final String file;

    /**
     * A failed read.
     *
     * @param file name of the address space
     * @param page page index
     * @param cause what the store said
     */
    public PageReadException(String file, long page, IOException cause) {
        super(
                "page cannot be read: file=" + file + ", page=" + page + ": " + cause.getMessage(),
                cause);
        this.file = file;
        this.page = page;
    }

    /**
     * The page that could not be read.
     *
     * @return page index
     */
    public long page() {
        return page;
    }

    /**
     * The error number of the operating system.
     *
     * @return a positive number; 0 when none is known, as for a store that is no file
     */
    public int errno() {
        return getCause() instanceof IoException e ? e.errno() : 0;
    }

    /**
     * The address space of the page.
     *
     * @return its name
     */
    public String file() {
        return file;
    }
}
