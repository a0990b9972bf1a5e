package dev.quire.bench.pages;

import java.io.IOException;

/** What one thread does with pages. */
public interface PageAccess extends AutoCloseable {
    /**
     * Reads the first long of a page, in whatever way is right while others evict and write.
     *
     * @param page its number
     * @return what was read
     * @throws IOException if it cannot be read
     */
    long read(long page) throws IOException;

    /**
     * Makes sure that a page stays, reads its first long, and lets go. Where pages never go, that
     * is a read.
     *
     * @param page its number
     * @return what was read
     * @throws IOException if it cannot be read
     */
    default long pin(long page) throws IOException {
        return read(page);
    }

    /**
     * Writes the first long of a page, and notes that it changed; nobody else writes to it
     * meanwhile, if it is one of those who keep others out.
     *
     * @param page its number
     * @param value to be written
     * @throws IOException if it cannot be written
     */
    void write(long page, long value) throws IOException;

    /**
     * Adds up all longs of a page.
     *
     * @param page its number
     * @return the sum
     * @throws IOException if it cannot be read
     */
    long sum(long page) throws IOException;

    @Override
    default void close() {}
}
