package dev.quire.bench.fsx;

import java.io.IOException;

/** A file that takes operations. One thread. */
interface ExercisedFile extends AutoCloseable {
    long sizeBytes() throws IOException;

    /** Answers how many bytes were there to be read. */
    int read(int at, byte[] into, int count) throws IOException;

    void write(int at, byte[] written) throws IOException;

    void append(byte[] written) throws IOException;

    void truncate(int size) throws IOException;

    void punchHole(int at, int count) throws IOException;

    void sync() throws IOException;

    /** As {@link #read}; place and length are multiples of {@link OperationSource#DIRECT_BYTES}. */
    int readDirect(int at, byte[] into, int count) throws IOException;

    /** As {@link #write}, likewise. */
    void writeDirect(int at, byte[] written) throws IOException;

    /** What it is now. */
    View snapshot() throws IOException;

    /** What a reader of the last page finds behind the end, as far as he can look. */
    byte[] behindEnd() throws IOException;

    void invalidate(int at, int count) throws IOException;

    void prefetch(int at, int count) throws IOException;

    void reopen() throws IOException;

    /** Changes the memory of the cache that it is in. */
    void resize(int percent) throws IOException;

    @Override
    void close() throws IOException;

    /** What a file was at a moment. */
    interface View extends AutoCloseable {
        long sizeBytes();

        /** As {@link ExercisedFile#read}. */
        int read(int at, byte[] into, int count) throws IOException;

        @Override
        void close() throws IOException;
    }
}
