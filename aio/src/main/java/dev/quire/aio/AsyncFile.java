package dev.quire.aio;

import dev.quire.allocator.IoMemory;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * An open file: positional reads and writes of native memory, blocking or asynchronous.
 *
 * <p><b>Threads.</b> Any thread, any number at once, also on one range; the file has no position of
 * its own. Blocking forms suit virtual threads: they park and hold no carrier. No interrupt closes
 * a file or cuts a request short: a waiting thread waits on and keeps its interrupt flag.
 *
 * <p><b>Memory.</b> Segments are borrowed: the caller keeps them alive and their bytes still (for a
 * write) or untouched (for a read) until the blocking form returns or the completion begins. They
 * must be native; asynchronous forms refuse segments of a confined arena, because other threads
 * work on them.
 *
 * <p><b>Claims.</b> A request over pages brings {@link IoMemory}: for each fragment a claim that
 * keeps its page alive and in place. With the call the claims become the request's, which gives
 * each back exactly once, when the system no longer touches the memory and before the completion
 * runs. A call that throws has taken nothing: the claims are the caller's still. A plain segment in
 * memory that an allocator registered ({@link AsyncIo#registerMemory}) must be of a block with a
 * reference; without one it is refused.
 *
 * <p><b>Options.</b> A deadline or a cancellation is advice: the completion, or the answer of the
 * blocking form, is the truth. Called off it fails with {@code ECANCELED}, late with {@code
 * ETIMEDOUT}; what a write had written by then is undefined.
 *
 * <p><b>Asynchronous forms</b> return nothing. Either they throw, and the completion never runs, or
 * the completion runs exactly once, on a thread of the engine. When as many requests are under way
 * as {@link AsyncIoConfig#queueDepth()} says, they wait for a place; from inside a completion they
 * never wait.
 *
 * <p><b>Reads</b> answer the bytes read: fewer than asked only when the file ended there, and 0
 * (not -1) at or beyond its end. <b>Writes</b> write everything or fail. Both resume what the
 * system did in part. After a failure the contents of the range (of the memory, for a read) are
 * undefined.
 *
 * <p><b>Direct files</b> bypass the system's cache: position and length in multiples of {@link
 * #directAlignment()}, addresses in multiples of {@link #directMemoryAlignment()}; otherwise {@link
 * IllegalArgumentException} before anything happened. A direct read across the end of a file whose
 * length is no such multiple works and ends at the file's end.
 *
 * <p>Misuse throws {@link IllegalArgumentException}, or {@link IndexOutOfBoundsException} for a
 * range that its array does not have; a closed file, a read of a file opened without READ, a write
 * of one opened without WRITE, memory that nobody keeps alive, and a blocking form inside a
 * completion throw {@link IllegalStateException}. What the system refuses is an {@link
 * IoException}.
 */
public abstract sealed class AsyncFile implements AutoCloseable permits EngineFile {
    /**
     * Longest single segment of a request in bytes: what Linux moves in one call, 2 GiB - 4 KiB.
     */
    public static final int TRANSFER_BYTES_MAX = 0x7ffff000;

    AsyncFile() {}

    /**
     * Reads into a segment.
     *
     * @param segment memory to fill, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more
     * @return bytes read, 0 at or beyond the end of the file
     * @throws IoException the system refused
     */
    public final int read(MemorySegment segment, long position) throws IoException {
        return read(segment, position, IoOptions.NONE);
    }

    /**
     * As {@link #read(MemorySegment, long)}, with options.
     *
     * @param segment memory to fill, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more
     * @param options deadline, cancellation
     * @return bytes read, 0 at or beyond the end of the file
     * @throws IoException the system refused, or the request was called off or late
     */
    public abstract int read(MemorySegment segment, long position, IoOptions options)
            throws IoException;

    /**
     * Reads into a segment and reports to a completion.
     *
     * @param segment memory to fill, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more
     * @param completion told the bytes read
     */
    public final void read(MemorySegment segment, long position, IoCompletion completion) {
        read(segment, position, IoOptions.NONE, completion);
    }

    /**
     * As {@link #read(MemorySegment, long, IoCompletion)}, with options.
     *
     * @param segment memory to fill, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more
     * @param options deadline, cancellation
     * @param completion told the bytes read
     */
    public abstract void read(
            MemorySegment segment, long position, IoOptions options, IoCompletion completion);

    /**
     * Reads into memory that the request itself has a claim on: a page's. See <b>Claims</b> above.
     *
     * @param memory memory to fill
     * @param position offset in the file in bytes, 0 or more
     * @param options deadline, cancellation
     * @param completion told the bytes read, after the claim was given back
     */
    public abstract void read(
            IoMemory memory, long position, IoOptions options, IoCompletion completion);

    /**
     * Reads a range of the file into several segments, one after the other.
     *
     * @param segments memory to fill; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @return bytes read in all, 0 at or beyond the end of the file
     * @throws IoException the system refused
     */
    public final long read(MemorySegment[] segments, int from, int count, long position)
            throws IoException {
        return read(segments, from, count, position, IoOptions.NONE);
    }

    /**
     * As {@link #read(MemorySegment[], int, int, long)}, with options.
     *
     * @param segments memory to fill; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @param options deadline, cancellation
     * @return bytes read in all, 0 at or beyond the end of the file
     * @throws IoException the system refused, or the request was called off or late
     */
    public abstract long read(
            MemorySegment[] segments, int from, int count, long position, IoOptions options)
            throws IoException;

    /**
     * Reads a range of the file into several segments and reports to a completion.
     *
     * @param segments memory to fill; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @param completion told the bytes read in all
     */
    public final void read(
            MemorySegment[] segments, int from, int count, long position, IoCompletion completion) {
        read(segments, from, count, position, IoOptions.NONE, completion);
    }

    /**
     * As {@link #read(MemorySegment[], int, int, long, IoCompletion)}, with options.
     *
     * @param segments memory to fill; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @param options deadline, cancellation
     * @param completion told the bytes read in all
     */
    public abstract void read(
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion);

    /**
     * Reads a range of the file into memory that the request itself has a claim on, one claim a
     * fragment, also where two are of one page. See <b>Claims</b> above.
     *
     * @param memory memory to fill, one fragment after the other; the array is the caller's again
     *     at once
     * @param from index of the first fragment
     * @param count how many fragments
     * @param position offset in the file in bytes, 0 or more
     * @param options deadline, cancellation
     * @param completion told the bytes read in all, after the claims were given back
     */
    public abstract void read(
            IoMemory[] memory,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion);

    /**
     * Writes a segment.
     *
     * @param segment memory to write, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more; beyond the end leaves a hole
     * @return bytes written, always the length of the segment
     * @throws IoException the system refused, possibly after a part was written
     */
    public final int write(MemorySegment segment, long position) throws IoException {
        return write(segment, position, IoOptions.NONE);
    }

    /**
     * As {@link #write(MemorySegment, long)}, with options.
     *
     * @param segment memory to write, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more
     * @param options durability, deadline, cancellation
     * @return bytes written, always the length of the segment
     * @throws IoException the system refused, or the request was called off or late
     */
    public abstract int write(MemorySegment segment, long position, IoOptions options)
            throws IoException;

    /**
     * Writes a segment and reports to a completion.
     *
     * @param segment memory to write, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more; beyond the end leaves a hole
     * @param completion told the bytes written
     */
    public final void write(MemorySegment segment, long position, IoCompletion completion) {
        write(segment, position, IoOptions.NONE, completion);
    }

    /**
     * As {@link #write(MemorySegment, long, IoCompletion)}, with options.
     *
     * @param segment memory to write, at most {@link #TRANSFER_BYTES_MAX} long
     * @param position offset in the file in bytes, 0 or more
     * @param options durability, deadline, cancellation
     * @param completion told the bytes written
     */
    public abstract void write(
            MemorySegment segment, long position, IoOptions options, IoCompletion completion);

    /**
     * Writes memory that the request itself has a claim on: a page's. See <b>Claims</b> above.
     *
     * @param memory memory to write
     * @param position offset in the file in bytes, 0 or more
     * @param options durability, deadline, cancellation
     * @param completion told the bytes written, after the claim was given back
     */
    public abstract void write(
            IoMemory memory, long position, IoOptions options, IoCompletion completion);

    /**
     * Writes several segments, one after the other, to a range of the file.
     *
     * @param segments memory to write; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @return bytes written in all, always the sum of the lengths
     * @throws IoException the system refused, possibly after a part was written
     */
    public final long write(MemorySegment[] segments, int from, int count, long position)
            throws IoException {
        return write(segments, from, count, position, IoOptions.NONE);
    }

    /**
     * As {@link #write(MemorySegment[], int, int, long)}, with options.
     *
     * @param segments memory to write; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @param options durability, deadline, cancellation
     * @return bytes written in all, always the sum of the lengths
     * @throws IoException the system refused, or the request was called off or late
     */
    public abstract long write(
            MemorySegment[] segments, int from, int count, long position, IoOptions options)
            throws IoException;

    /**
     * Writes several segments to a range of the file and reports to a completion.
     *
     * @param segments memory to write; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @param completion told the bytes written in all
     */
    public final void write(
            MemorySegment[] segments, int from, int count, long position, IoCompletion completion) {
        write(segments, from, count, position, IoOptions.NONE, completion);
    }

    /**
     * As {@link #write(MemorySegment[], int, int, long, IoCompletion)}, with options.
     *
     * @param segments memory to write; the array is borrowed like the memory
     * @param from index of the first segment
     * @param count how many segments
     * @param position offset in the file in bytes, 0 or more
     * @param options durability, deadline, cancellation
     * @param completion told the bytes written in all
     */
    public abstract void write(
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion);

    /**
     * Writes memory that the request itself has a claim on to a range of the file, one claim a
     * fragment, also where two are of one page. See <b>Claims</b> above.
     *
     * @param memory memory to write, one fragment after the other; the array is the caller's again
     *     at once
     * @param from index of the first fragment
     * @param count how many fragments
     * @param position offset in the file in bytes, 0 or more
     * @param options durability, deadline, cancellation
     * @param completion told the bytes written in all, after the claims were given back
     */
    public abstract void write(
            IoMemory[] memory,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion);

    /**
     * Makes every write that was over before this call durable, with all metadata: a blocking form
     * had returned, or the completion of another had begun. The first sync of a file opened with
     * CREATE or CREATE_NEW also makes its directory entry durable.
     *
     * @throws IoException the system refused; what was written since the last sync may be lost, and
     *     a later sync that succeeds does not bring it back
     */
    public abstract void sync() throws IoException;

    /**
     * As {@link #sync()}, reporting to a completion.
     *
     * @param completion told 0 bytes
     */
    public abstract void sync(IoCompletion completion);

    /**
     * As {@link #sync()}, but only the metadata that is needed to find the data again, such as the
     * length; not the times.
     *
     * @throws IoException as {@link #sync()}
     */
    public abstract void syncData() throws IoException;

    /**
     * As {@link #syncData()}, reporting to a completion.
     *
     * @param completion told 0 bytes
     */
    public abstract void syncData(IoCompletion completion);

    /**
     * Length of the file, or of the block device.
     *
     * @return length in bytes
     * @throws IoException the system refused
     */
    public abstract long sizeBytes() throws IoException;

    /**
     * Sets the length of the file: cuts it, or grows it by a hole that reads as zeros. No write
     * beyond the new end may be under way; and when a direct file grows whose end lies inside a
     * block of 4 KiB, no write inside that block: Linux zeroes the rest of it in its own cache,
     * finds that in the way of the write, and fails the next sync with EIO.
     *
     * @param bytes new length in bytes, 0 or more; a direct file too takes any length
     * @throws IoException the system refused
     */
    public abstract void truncate(long bytes) throws IoException;

    /**
     * Gives space to a range of the file, which grows when it ended before; what the range held
     * stays, what is new reads as zeros. Later writes of the range do not run out of space.
     *
     * @param position offset in the file in bytes, 0 or more
     * @param bytes length of the range in bytes, more than 0
     * @throws IoException the system refused: {@code ENOSPC}, or {@code EOPNOTSUPP} when the file
     *     system or the engine has no such operation
     */
    public abstract void allocate(long position, long bytes) throws IoException;

    /**
     * As {@link #allocate(long, long)}, reporting to a completion.
     *
     * @param position offset in the file in bytes, 0 or more
     * @param bytes length of the range in bytes, more than 0
     * @param completion told 0 bytes
     */
    public abstract void allocate(long position, long bytes, IoCompletion completion);

    /**
     * Takes the space of a range back: it reads as zeros, the length of the file stays.
     *
     * @param position offset in the file in bytes, 0 or more
     * @param bytes length of the range in bytes, more than 0
     * @throws IoException the system refused: {@code EOPNOTSUPP} when the file system or the engine
     *     has no such operation
     */
    public abstract void punchHole(long position, long bytes) throws IoException;

    /**
     * As {@link #punchHole(long, long)}, reporting to a completion.
     *
     * @param position offset in the file in bytes, 0 or more
     * @param bytes length of the range in bytes, more than 0
     * @param completion told 0 bytes
     */
    public abstract void punchHole(long position, long bytes, IoCompletion completion);

    /**
     * What the file and its file system support.
     *
     * @return the same value each time
     */
    public abstract FileCapabilities capabilities();

    /**
     * Whether the file bypasses the system's cache.
     *
     * @return true when opened with DIRECT
     */
    public abstract boolean direct();

    /**
     * What position and length of a request must be a multiple of.
     *
     * @return bytes, a power of two; 1 when buffered
     */
    public abstract int directAlignment();

    /**
     * What the address of a segment must be a multiple of.
     *
     * @return bytes, a power of two; 1 when buffered
     */
    public abstract int directMemoryAlignment();

    /**
     * The path as it was opened.
     *
     * @return path
     */
    public abstract Path path();

    /**
     * Refuses further requests, waits until every accepted one is over and its completion has run,
     * then closes the file. Syncs nothing. Closing again does nothing but wait for the first close.
     *
     * @throws IoException the system reported an error; the file is closed all the same
     */
    @Override
    public abstract void close() throws IoException;
}
