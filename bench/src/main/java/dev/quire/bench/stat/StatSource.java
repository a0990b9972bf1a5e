package dev.quire.bench.stat;

import java.io.IOException;

/** Where samples come from. */
interface StatSource extends AutoCloseable {
    /**
     * The statistics as they are now.
     *
     * @return the newest there is
     * @throws SourceEndedException if the cache, or its process, is gone
     * @throws IOException if they cannot be read
     */
    Sample sample() throws IOException;

    /** Lets go of the process. */
    @Override
    void close() throws IOException;
}
