package dev.quire.bench.compare;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A file whose pages are read and written in one of several ways. Any thread. */
interface Store extends AutoCloseable {
    /** How one thread uses it. */
    Session session() throws IOException;

    /** Writes everything back and makes it durable. */
    void sync() throws IOException;

    /**
     * What pages and the tables for them take in this process, in bytes; 0 if the kernel has it.
     */
    long pageMemoryBytes();

    @Override
    void close() throws IOException;

    /** One thread's way to the pages. */
    interface Session extends AutoCloseable {
        /** Copies a page out of the store. */
        void read(long page, MemorySegment copy) throws IOException;

        /** Copies a whole page into the store. */
        void write(long page, MemorySegment copy) throws IOException;

        /** Copies pages out of the store that lie in a row, the first one of several. */
        default void readNext(long page, MemorySegment copy) throws IOException {
            read(page, copy);
        }

        @Override
        default void close() {}
    }
}
