package dev.quire.pagecache.backing;

import java.io.IOException;

/**
 * A page that was read is not what was written: thrown by {@link PageHooks#afterRead}, and the
 * cause of the {@link PageReadException} that the reader gets. A retry reads the page again, which
 * helps when the device erred once.
 */
public final class PageChecksumException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Of which file. */
    private final String file;

    /** Which page. */
    private final long page;

    /**
     * A page that does not verify.
     *
     * @param file which file
     * @param page page index
     * @param detail what was found and what was expected
     */
    public PageChecksumException(String file, long page, String detail) {
        super("page is damaged: file=" + file + ", page=" + page + ": " + detail);
        this.file = file;
        this.page = page;
    }

    /**
     * Whose page.
     *
     * @return the name of the file
     */
    public String file() {
        return file;
    }

    /**
     * Which page.
     *
     * @return its index
     */
    public long page() {
        return page;
    }
}
