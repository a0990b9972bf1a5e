package dev.quire.pagecache.backing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The store behind an address space: a file, or anything else that keeps pages.
 *
 * <p>Called by many threads at once, for different pages; never twice at a time for the same page,
 * but that {@link #freePage} may run while the page is read again. The memory handed in belongs to
 * the cache: it may be used until the method returns, not later.
 *
 * <p>A store may use the cache it is a store of: to be made of another cached file, say. It may
 * wait for pages of other files; for its own file's pages only {@link #readPage} may, the one apart
 * that it fills. What would wait for the very call that the store is in throws {@link
 * WouldBlockException}: any sync, truncate or close of its own file, and any wait for a page of its
 * own file while it writes, syncs, or changes or tells its size. A store that is at work on threads
 * of its own must keep to the same: the cache cannot see those. What it dirties of other files
 * meanwhile is not slowed down.
 *
 * <p>The names are those of Linux's {@code address_space_operations}.
 */
public interface AddressSpaceOps extends PageHooks {
    /**
     * Fills a page. The cache holds the page locked; nobody sees its bytes before this returns.
     *
     * @param page page index, at least 0
     * @param into the page's memory, all of it, aligned to its size; contents undefined
     * @return how many bytes were read, 0 to the page's size; the cache zeroes the rest
     * @throws IOException if the page cannot be read now; a later fault tries again
     */
    int readPage(long page, MemorySegment into) throws IOException;

    /**
     * Starts to fill consecutive pages, and returns. For many pages at once, and for those who may
     * not wait; a thread that can wait calls {@link #readPage}. Must not block, nor use the cache.
     *
     * @param firstPage index of the first page, at least 0
     * @param pages their memory, in order, as that of {@link #readPage}; it and the array may be
     *     used until the completion is called
     * @param count how many of the array's elements, at least 1
     * @param completion to be called once, when all are read or the read has failed; not on this
     *     stack
     * @return false when the store does not read this way, as by default: the completion must not
     *     be called then, and the cache has {@link #readPage} called by threads of its own
     * @throws IOException if the read cannot be begun; the completion must not be called then
     */
    default boolean readPages(
            long firstPage, MemorySegment[] pages, int count, ReadCompletion completion)
            throws IOException {
        return false;
    }

    /**
     * Stores consecutive pages. Their contents do not change meanwhile.
     *
     * @param firstPage index of the first page, at least 0
     * @param pages their memory, in order; read only
     * @param count how many of the array's elements, at least 1
     * @param endBytes where the last byte to be stored ends in the file; it lies in the last page
     * @throws IOException if not all were stored; the cache keeps all of them dirty
     */
    void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes)
            throws IOException;

    /**
     * As {@link #writePages(long, MemorySegment[], int, long)}, but may return before the pages are
     * stored, so that several writes of one file can be under way. A store that has such a form
     * overrides this one; the others are called by a thread a file.
     *
     * @param firstPage index of the first page, at least 0
     * @param pages their memory, in order; read only; array and memory are the store's until it
     *     answers
     * @param count how many of the array's elements, at least 1
     * @param endBytes where the last byte to be stored ends in the file; it lies in the last page
     * @param done told exactly once, unless this throws; from any thread, also before this returns
     * @throws IOException if not all were stored; then {@code done} is not told
     */
    default void writePagesAsync(
            long firstPage, MemorySegment[] pages, int count, long endBytes, WriteDone done)
            throws IOException {
        writePages(firstPage, pages, count, endBytes);
        done.done(null);
    }

    /** Hears what became of a write. */
    @FunctionalInterface
    interface WriteDone {
        /**
         * The write is over; the store no longer touches the memory. Never blocks.
         *
         * @param failure null when all pages were stored; else the cache keeps all of them dirty
         */
        void done(@Nullable Throwable failure);
    }

    /**
     * Makes everything stored so far durable, and the size with it.
     *
     * @throws IOException if durability is unknown; the cache then fences the address space
     */
    void sync() throws IOException;

    /**
     * Cuts or extends the store.
     *
     * @param sizeBytes the new size; bytes added read as zeros
     * @throws IOException if the size was not changed
     */
    void truncate(long sizeBytes) throws IOException;

    /**
     * Takes the space of whole pages back: they read as zeros, the size stays. Nobody reads or
     * writes them meanwhile.
     *
     * @param position where the first page begins
     * @param bytes how many, whole pages, or up to the end of the store
     * @return false when the store cannot, as by default: the cache writes zeros instead
     * @throws IOException if it failed; the cache writes zeros instead, and reports nothing
     */
    default boolean punchHole(long position, long bytes) throws IOException {
        return false;
    }

    /**
     * The size of the store.
     *
     * @return bytes
     * @throws IOException if it cannot be found out
     */
    long sizeBytes() throws IOException;

    /**
     * How bytes of the store are read and written directly, around the cache's pages. Asked for
     * each time.
     *
     * @return null when they cannot be, as by default: direct reads and writes of the file are
     *     refused
     */
    default @Nullable DirectStore directStore() {
        return null;
    }

    /**
     * Gives the store up. Called once, after the last page is gone.
     *
     * @throws IOException if giving up failed
     */
    default void close() throws IOException {}
}
