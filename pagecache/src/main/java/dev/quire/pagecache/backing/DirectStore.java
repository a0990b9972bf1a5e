package dev.quire.pagecache.backing;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The part of a store that moves bytes straight between it and the memory of whoever asks, with no
 * cached page in between: see {@link AddressSpaceOps#directStore}.
 *
 * <p>Called by many threads at once, for any ranges, also beside reads and writes of pages. The
 * cache has seen to it that positions, lengths and addresses are aligned, that no cached page of a
 * range to be written is there, and that none of a range to be read is newer than the store. The
 * memory is the caller's of the cache: it may be used until the call returns, or the completion is
 * called, not later.
 */
public interface DirectStore {
    /**
     * What position and length must be a multiple of.
     *
     * @return bytes, a power of two, at most the size of a page
     */
    int alignmentBytes();

    /**
     * What the address of the memory must be a multiple of.
     *
     * @return bytes, a power of two
     */
    int memoryAlignmentBytes();

    /**
     * Reads bytes.
     *
     * @param into memory to fill
     * @param position where they begin in the store
     * @return how many: all, or fewer if the store ends there; 0 at or beyond its end
     * @throws IOException if they cannot be read
     */
    long read(MemorySegment into, long position) throws IOException;

    /**
     * Starts to read bytes, and returns.
     *
     * @param into memory to fill
     * @param position where they begin in the store
     * @param completion to be called once, not on this stack
     * @throws IOException if the read cannot be begun; the completion must not be called then
     */
    void read(MemorySegment into, long position, ReadCompletion completion) throws IOException;

    /**
     * Writes bytes; the store grows if they end behind its end.
     *
     * @param from what is to be written, all of it
     * @param position where it begins in the store
     * @throws IOException if not all of it was written
     */
    void write(MemorySegment from, long position) throws IOException;

    /**
     * Starts to write bytes, and returns.
     *
     * @param from what is to be written, all of it
     * @param position where it begins in the store
     * @param done to be told once, unless this throws; from any thread
     * @throws IOException if the write cannot be begun; {@code done} must not be told then
     */
    void write(MemorySegment from, long position, AddressSpaceOps.WriteDone done)
            throws IOException;
}
