package dev.quire.bench.pages;

import java.io.IOException;

/** Pages in memory under measurement, all of them there. Any thread, each by its own access. */
public interface PageSubject extends AutoCloseable {
    /** Bytes of a page. */
    int PAGE_BYTES = 8192;

    /**
     * One thread's way to the pages.
     *
     * @return for this thread alone
     */
    PageAccess access();

    /**
     * Bytes outside of the Java heap that describe the pages, the pages themselves left out.
     *
     * @return 0 where none are known
     */
    default long nativeBytes() {
        return 0;
    }

    /**
     * How many pages there is room for: some keep frames free.
     *
     * @param pages that it was opened with
     * @return at least so many
     */
    default long room(int pages) {
        return pages;
    }

    @Override
    void close() throws IOException;
}
