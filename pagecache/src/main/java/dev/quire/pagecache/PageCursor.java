package dev.quire.pagecache;

import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A place in a file, and the bytes of the page there. For one thread, or handed from one to the
 * next; reusable; nothing is allocated by using it.
 *
 * <pre>{@code
 * try (PageCursor c = file.cursor()) {
 *     long v;
 *     do {
 *         c.read(42);                 // optimistic: no lock, no atomic operation
 *         v = c.getLong(0);
 *     } while (c.retry());
 *     c.write(42);                    // latched: nobody else writes it
 *     c.putLong(0, v + 1);
 *     c.release();                    // dirty from now on
 * }
 * }</pre>
 *
 * <p>Numbers are little-endian and need not be aligned.
 */
public final class PageCursor extends CursorPosition {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment region;

    PageCursor(PagedFile file, AddressSpace space, CacheContext context, DirtyThrottle throttle) {
        super(file, space, context, throttle);
        region = context.allocator().region();
    }

    // ---- reading

    /**
     * Reads a byte of the page.
     *
     * @param offset 0..pageBytes-1
     * @return the byte; under {@link #read} garbage until {@link #retry} answers false
     * @throws IndexOutOfBoundsException if the offset lies outside the page
     */
    public byte getByte(int offset) {
        if (outside(offset, Byte.BYTES, readLimit)) {
            outOfPage(offset, Byte.BYTES, readLimit);
            return 0;
        }
        return region.get(BYTE, base + offset);
    }

    /**
     * Reads a short of the page.
     *
     * @param offset 0..pageBytes-2
     * @return the short, as {@link #getByte}
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     */
    public short getShort(int offset) {
        if (outside(offset, Short.BYTES, readLimit)) {
            outOfPage(offset, Short.BYTES, readLimit);
            return 0;
        }
        return region.get(SHORT, base + offset);
    }

    /**
     * Reads an int of the page.
     *
     * @param offset 0..pageBytes-4
     * @return the int, as {@link #getByte}
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     */
    public int getInt(int offset) {
        if (outside(offset, Integer.BYTES, readLimit)) {
            outOfPage(offset, Integer.BYTES, readLimit);
            return 0;
        }
        return region.get(INT, base + offset);
    }

    /**
     * Reads a long of the page.
     *
     * @param offset 0..pageBytes-8
     * @return the long, as {@link #getByte}
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     */
    public long getLong(int offset) {
        if (outside(offset, Long.BYTES, readLimit)) {
            outOfPage(offset, Long.BYTES, readLimit);
            return 0;
        }
        return region.get(LONG, base + offset);
    }

    /**
     * Copies bytes of the page out.
     *
     * @param offset where they begin in the page
     * @param target where they go
     * @param targetOffset where they begin there
     * @param bytes how many
     * @throws IndexOutOfBoundsException if any of them lies outside the page or the target
     */
    public void copyTo(int offset, MemorySegment target, long targetOffset, int bytes) {
        if (bytes < 0 || outside(offset, bytes, readLimit)) {
            outOfPage(offset, bytes, readLimit);
            return;
        }
        MemorySegment.copy(region, base + offset, target, targetOffset, bytes);
    }

    // ---- writing

    /**
     * Stores a byte into the latched page.
     *
     * @param offset 0..pageBytes-1
     * @param value the byte
     * @throws IndexOutOfBoundsException if the offset lies outside the page
     * @throws IllegalStateException if the page is not latched
     */
    public void putByte(int offset, byte value) {
        if (outside(offset, Byte.BYTES, writeLimit)) {
            outOfPage(offset, Byte.BYTES, writeLimit);
            return;
        }
        region.set(BYTE, base + offset, value);
    }

    /**
     * Stores a short into the latched page.
     *
     * @param offset 0..pageBytes-2
     * @param value the short
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     * @throws IllegalStateException if the page is not latched
     */
    public void putShort(int offset, short value) {
        if (outside(offset, Short.BYTES, writeLimit)) {
            outOfPage(offset, Short.BYTES, writeLimit);
            return;
        }
        region.set(SHORT, base + offset, value);
    }

    /**
     * Stores an int into the latched page.
     *
     * @param offset 0..pageBytes-4
     * @param value the int
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     * @throws IllegalStateException if the page is not latched
     */
    public void putInt(int offset, int value) {
        if (outside(offset, Integer.BYTES, writeLimit)) {
            outOfPage(offset, Integer.BYTES, writeLimit);
            return;
        }
        region.set(INT, base + offset, value);
    }

    /**
     * Stores a long into the latched page.
     *
     * @param offset 0..pageBytes-8
     * @param value the long
     * @throws IndexOutOfBoundsException if any of its bytes lies outside the page
     * @throws IllegalStateException if the page is not latched
     */
    public void putLong(int offset, long value) {
        if (outside(offset, Long.BYTES, writeLimit)) {
            outOfPage(offset, Long.BYTES, writeLimit);
            return;
        }
        region.set(LONG, base + offset, value);
    }

    /**
     * Copies bytes into the latched page.
     *
     * @param offset where they begin in the page
     * @param source where they come from
     * @param sourceOffset where they begin there
     * @param bytes how many
     * @throws IndexOutOfBoundsException if any of them lies outside the page or the source
     * @throws IllegalStateException if the page is not latched
     */
    public void copyFrom(int offset, MemorySegment source, long sourceOffset, int bytes) {
        if (bytes < 0 || outside(offset, bytes, writeLimit)) {
            outOfPage(offset, bytes, writeLimit);
            return;
        }
        MemorySegment.copy(source, sourceOffset, region, base + offset, bytes);
    }

    // ---- memory

    /**
     * The memory of the page that the cursor holds: read-only under a pin, writable under a latch.
     * It may be used until {@link #release}, not later: then it is another page's.
     *
     * @return exactly the page
     * @throws IllegalStateException if the cursor holds neither a pin nor a latch
     */
    public MemorySegment segment() {
        if (!holdsFrame()) {
            throw new IllegalStateException("pin or latch the page first: cursor=" + this);
        }
        MemorySegment memory = region.asSlice(base, readLimit);
        return writeLimit > 0 ? memory : memory.asReadOnly();
    }

    /** Whether any of the bytes lies outside the limit; a negative offset does. */
    private static boolean outside(int offset, int bytes, int limit) {
        return offset < 0 || offset > limit - bytes;
    }
}
