package dev.quire.bench.pages;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a cache gets the pages that it does not have. Any thread. */
@FunctionalInterface
public interface PageLoader {
    /**
     * Reads a page.
     *
     * @param page its number
     * @param into a page of memory, position 0
     * @throws IOException if it cannot be read
     */
    void load(long page, ByteBuffer into) throws IOException;
}
