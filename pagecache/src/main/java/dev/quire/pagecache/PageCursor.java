package dev.quire.pagecache;

import dev.quire.allocator.os.RawMemory;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;

import org.jspecify.annotations.Nullable;

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
public final class PageCursor extends CursorHold {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    // All accesses go by address: base is a page of the region, which is never unmapped, and each
    // offset is checked against the page.
    private static final MemorySegment ALL = RawMemory.ALL;

    PageCursor(
            PagedFile file,
            AddressSpace space,
            CacheContext context,
            DirtyThrottle throttle,
            @Nullable CursorCheck check,
            @Nullable DropBehind behind,
            ReadPattern pattern) {
        super(file, space, context, throttle, check, behind, pattern);
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
            return (byte) readCarefully(offset, Byte.BYTES);
        }
        return ALL.get(BYTE, base + offset);
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
            return (short) readCarefully(offset, Short.BYTES);
        }
        return ALL.get(SHORT, base + offset);
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
            return (int) readCarefully(offset, Integer.BYTES);
        }
        return ALL.get(INT, base + offset);
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
            return readCarefully(offset, Long.BYTES);
        }
        return ALL.get(LONG, base + offset);
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
            if (!copyCarefully(offset, target, targetOffset, bytes)) {
                notReadable(offset, bytes);
            }
            return;
        }
        if (targetOffset < 0 || targetOffset > target.byteSize() - bytes) {
            notReadable(offset, bytes, target, targetOffset);
            return;
        }
        MemorySegment.copy(ALL, base + offset, target, targetOffset, bytes);
    }

    /** Copies through the check of a checked cursor; false when there is none. */
    private boolean copyCarefully(int offset, MemorySegment target, long targetOffset, int bytes) {
        if (check == null || mode != OPTIMISTIC || bytes < 0) {
            return false;
        }
        if (outside(offset, bytes, pageBytes)) {
            return false;
        }
        if (targetOffset < 0 || targetOffset > target.byteSize() - bytes) {
            notReadable(offset, bytes, target, targetOffset);
            return true;
        }
        for (int i = 0; i < bytes; i++) {
            target.set(BYTE, targetOffset + i, getByte(offset + i));
        }
        return true;
    }

    /** A garbage length may overflow the target too: harmless if the page will be read again. */
    private void notReadable(int offset, int bytes, MemorySegment target, long targetOffset) {
        if (readAgainAnyway()) {
            return;
        }
        throw new IndexOutOfBoundsException(
                "bytes must fit into the target of "
                        + target.byteSize()
                        + " bytes: targetOffset="
                        + targetOffset
                        + ", bytes="
                        + bytes
                        + ", offset="
                        + offset
                        + ", page="
                        + page());
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
            throw notWritable(offset, Byte.BYTES);
        }
        ALL.set(BYTE, base + offset, value);
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
            throw notWritable(offset, Short.BYTES);
        }
        ALL.set(SHORT, base + offset, value);
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
            throw notWritable(offset, Integer.BYTES);
        }
        ALL.set(INT, base + offset, value);
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
            throw notWritable(offset, Long.BYTES);
        }
        ALL.set(LONG, base + offset, value);
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
            throw notWritable(offset, bytes);
        }
        MemorySegment.copy(source, sourceOffset, ALL, base + offset, bytes);
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
        MemorySegment memory = context.memory(frame);
        return writeLimit > 0 ? memory : memory.asReadOnly();
    }

    static short shortAt(long address) {
        return ALL.get(SHORT, address);
    }

    static int intAt(long address) {
        return ALL.get(INT, address);
    }

    static long longAt(long address) {
        return ALL.get(LONG, address);
    }

    /** Whether any of the bytes lies outside the limit; a negative offset does. */
    private static boolean outside(int offset, int bytes, long limit) {
        return offset < 0 || (long) offset + bytes > limit;
    }
}
