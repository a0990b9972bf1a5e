package dev.quire.aio;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * One open file as the operating system gives it: a transfer may be short, and is tried once.
 *
 * <p>Transfers answer the bytes moved, 0 for the end of the file, or minus an error number; where
 * no error number is known they throw. All methods may sleep: they run on an engine thread, or on a
 * platform thread that asked for the blocking form. Callers keep {@link #close} apart from the
 * rest.
 */
interface RawFile {
    long read(MemorySegment segment, long offset, long bytes, long position) throws IOException;

    /** Writes; with {@code dataSync}, what was written is durable before the answer. */
    long write(MemorySegment segment, long offset, long bytes, long position, boolean dataSync)
            throws IOException;

    /**
     * Reads into segments from, from + 1, …, the first {@code skip} bytes of the first left out.
     */
    long readVector(MemorySegment[] segments, int from, int count, long skip, long position)
            throws IOException;

    long writeVector(
            MemorySegment[] segments,
            int from,
            int count,
            long skip,
            long position,
            boolean dataSync)
            throws IOException;

    void sync(boolean metadata) throws IOException;

    /** Makes the file's entry in its directory durable. */
    void syncDirectory() throws IOException;

    long sizeBytes() throws IOException;

    void truncate(long bytes) throws IOException;

    /** Gives space to a range; the file grows when it ended before. */
    void allocate(long position, long bytes) throws IOException;

    /** Takes the space of a range back. */
    void punchHole(long position, long bytes) throws IOException;

    void close() throws IOException;

    /** Linux descriptor, for requests that go to a ring; -1 when there is none. */
    default int fd() {
        return -1;
    }

    /**
     * Whether the kernel can begin a transfer and go on: false where a ring would hand each to a
     * thread.
     */
    default boolean isNonBlocking() {
        return true;
    }

    boolean direct();

    FileCapabilities capabilities();

    /** Alignment of position and length in bytes, 1 when buffered. */
    int offsetAlignmentBytes();

    /** Alignment of memory addresses in bytes, 1 when buffered. */
    int memoryAlignmentBytes();
}
