package dev.quire.bench.run;

import dev.quire.pagecache.PageCursor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * One thread's private copy of a page: what is checked cannot change while it is checked, and
 * nothing is decided on bytes that the page cache has not validated yet.
 */
final class PageCopy {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final MemorySegment segment;
    private final CRC32C crc = new CRC32C();

    /**
     * A copy of zeros.
     *
     * @param pageBytes the size of a page
     */
    PageCopy(int pageBytes) {
        this.bytes = new byte[pageBytes];
        this.segment = MemorySegment.ofArray(bytes);
    }

    int pageBytes() {
        return bytes.length;
    }

    /** The copied bytes, for a plain transfer in or out. */
    MemorySegment segment() {
        return segment;
    }

    /**
     * Copies a page by an optimistic read.
     *
     * @param cursor of this thread
     * @param page which page
     * @throws IOException when the page cannot be read
     */
    void read(PageCursor cursor, long page) throws IOException {
        do {
            cursor.read(page);
            cursor.copyTo(0, segment, 0, bytes.length);
        } while (cursor.retry());
    }

    /** Copies the page that the cursor has latched. */
    void loadLatched(PageCursor cursor) {
        cursor.copyTo(0, segment, 0, bytes.length);
    }

    /** Overwrites the page that the cursor has latched for writing. */
    void storeLatched(PageCursor cursor) {
        cursor.copyFrom(0, segment, 0, bytes.length);
    }

    long getLong(int offset) {
        return (long) LONG.get(bytes, offset);
    }

    void putLong(int offset, long value) {
        LONG.set(bytes, offset, value);
    }

    /** CRC32C of the bytes {@code from} up to but not including {@code to}. */
    long checksum(int from, int to) {
        crc.reset();
        crc.update(bytes, from, to - from);
        return crc.getValue();
    }

    /** CRC32C of the whole page but the bytes {@code from} up to but not including {@code to}. */
    long checksumWithout(int from, int to) {
        crc.reset();
        crc.update(bytes, 0, from);
        crc.update(bytes, to, bytes.length - to);
        return crc.getValue();
    }
}
