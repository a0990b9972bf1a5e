package dev.quire.pagecache;

import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.SnapshotLostException;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.SpaceSnapshot;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A place in a snapshot, and the bytes of the page there: a copy, so that there is nothing to
 * validate, to hold or to release. For one thread, or handed from one to the next; reusable;
 * nothing is allocated by using it.
 *
 * <p>Numbers are little-endian and need not be aligned, as those of a {@link PageCursor}.
 */
public final class SnapshotCursor implements AutoCloseable {
    private static final long NO_PAGE = -1;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final AddressSpace space;
    private final SpaceSnapshot snapshot;
    private final ReadPattern pattern = new ReadPattern(ReadPattern.Order.UNKNOWN);
    private final MemorySegment memory;
    private final MemorySegment shown;
    private long page = NO_PAGE;
    private boolean closed;

    SnapshotCursor(AddressSpace space, CacheContext context, SpaceSnapshot snapshot) {
        this.space = space;
        this.snapshot = snapshot;
        // Left to the collector: closing memory that other threads may see costs more than a page.
        memory = Arena.ofAuto().allocate(context.pageBytes(), context.pageBytes());
        shown = memory.asReadOnly();
    }

    /**
     * Puts the cursor on a page. May read it from the file, or from where it was kept.
     *
     * @param page page index, 0..sizePages-1 of the snapshot
     * @throws IndexOutOfBoundsException if the snapshot has no such page
     * @throws PageReadException if the page cannot be read; a later call tries again
     * @throws SnapshotLostException if the snapshot is lost
     * @throws dev.quire.allocator.OutOfFramesException if it has to be read, and every frame is
     *     pinned, latched or dirty
     * @throws dev.quire.pagecache.backing.FileFencedException if it has to be read, and the file is
     *     fenced
     * @throws IllegalStateException if the cursor, the snapshot or the file is closed
     */
    public void read(long page) {
        checkOpen();
        this.page = NO_PAGE;
        space.snapshots().read(snapshot, page, memory, pattern);
        this.page = page;
    }

    /**
     * The page that the cursor is on.
     *
     * @return page index; -1 when it is on none
     */
    public long page() {
        return page;
    }

    /**
     * Reads a byte of the page.
     *
     * @param offset 0..pageBytes-1
     * @return the byte
     * @throws IndexOutOfBoundsException if the offset lies outside the page
     * @throws IllegalStateException if the cursor is on no page
     */
    public byte getByte(int offset) {
        return segment().get(BYTE, offset);
    }

    /**
     * Reads a short of the page.
     *
     * @param offset 0..pageBytes-2
     * @return the short
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     * @throws IllegalStateException if the cursor is on no page
     */
    public short getShort(int offset) {
        return segment().get(SHORT, offset);
    }

    /**
     * Reads an int of the page.
     *
     * @param offset 0..pageBytes-4
     * @return the int
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     * @throws IllegalStateException if the cursor is on no page
     */
    public int getInt(int offset) {
        return segment().get(INT, offset);
    }

    /**
     * Reads a long of the page.
     *
     * @param offset 0..pageBytes-8
     * @return the long
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     * @throws IllegalStateException if the cursor is on no page
     */
    public long getLong(int offset) {
        return segment().get(LONG, offset);
    }

    /**
     * Copies bytes of the page out.
     *
     * @param offset where they begin in the page
     * @param target where they go
     * @param targetOffset where they begin there
     * @param bytes how many
     * @throws IndexOutOfBoundsException if any of them lies outside the page or the target
     * @throws IllegalStateException if the cursor is on no page
     */
    public void copyTo(int offset, MemorySegment target, long targetOffset, int bytes) {
        MemorySegment.copy(segment(), offset, target, targetOffset, bytes);
    }

    /**
     * The bytes of the page, until the next {@link #read}; zeros beyond the end of the snapshot.
     *
     * @return exactly a page, read-only, always the same memory
     * @throws IllegalStateException if the cursor is on no page
     */
    public MemorySegment segment() {
        if (page == NO_PAGE) {
            checkOpen();
            throw new IllegalStateException("cursor is on no page: cursor=" + this);
        }
        return shown;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("cursor is closed: cursor=" + this);
        }
    }

    /** Ends its use. Closing twice does nothing. */
    @Override
    public void close() {
        closed = true;
        page = NO_PAGE;
    }

    @Override
    public String toString() {
        return "SnapshotCursor[" + snapshot + ", page=" + page + "]";
    }
}
