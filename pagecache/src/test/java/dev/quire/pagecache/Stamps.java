package dev.quire.pagecache;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;

/**
 * Pages whose every 64-bit word holds the page's number and the version of its last write: one that
 * is torn, stale, lost or somebody else's is told from a good one. Version 0 is a page of zeros.
 */
final class Stamps {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Stamps() {}

    static long word(int page, int version) {
        return version == 0 ? 0 : (long) version << 32 | page << 8 | 0x5A;
    }

    /** The version in a word of a page. */
    static int version(int page, long word) {
        int version = (int) (word >>> 32);
        if (version < 0 || word != word(page, version)) {
            throw new AssertionError("page %d holds %016x".formatted(page, word));
        }
        return version;
    }

    /** Stamps the page that the cursor has latched. */
    static void store(PageCursor cursor, int page, int version) {
        long word = word(page, version);
        for (int offset = 0; offset < PAGE_BYTES; offset += 8) {
            cursor.putLong(offset, word);
        }
    }

    /** The version of a page, read without a lock. */
    static int read(PageCursor cursor, int page) {
        long first;
        long other;
        do {
            cursor.read(page);
            first = cursor.getLong(0);
            other = otherThan(first, cursor);
        } while (cursor.retry());
        return untorn(page, first, other);
    }

    /**
     * As {@link #read}, of a page to which a direct write may be under way: it may be half old and
     * half new then, and its older version is answered.
     *
     * @param whole asked after the read: whether none was under way since before it
     */
    static int readOldest(PageCursor cursor, int page, BooleanSupplier whole) {
        long first;
        long other;
        do {
            cursor.read(page);
            first = cursor.getLong(0);
            other = otherThan(first, cursor);
        } while (cursor.retry());
        return whole.getAsBoolean()
                ? untorn(page, first, other)
                : Math.min(version(page, first), version(page, other));
    }

    /** The version of the page that the cursor has latched. */
    static int latched(PageCursor cursor, int page) {
        long first = cursor.getLong(0);
        return untorn(page, first, otherThan(first, cursor));
    }

    /** The first word that differs from one; that one when there is none. */
    static long otherThan(long first, PageCursor cursor) {
        for (int offset = 8; offset < PAGE_BYTES; offset += 8) {
            long word = cursor.getLong(offset);
            if (word != first) {
                return word;
            }
        }
        return first;
    }

    static int untorn(int page, long first, long other) {
        if (first != other) {
            throw new AssertionError(
                    "page %d is torn: %016x and %016x".formatted(page, first, other));
        }
        return version(page, first);
    }

    /** The version of a page in a store. */
    static int version(int page, byte[] bytes) {
        int oldest = oldest(page, bytes);
        for (int offset = 0; offset < PAGE_BYTES; offset += 8) {
            untorn(page, word(page, oldest), (long) LONGS.get(bytes, offset));
        }
        return oldest;
    }

    /** The oldest version in a page that may be torn. */
    static int oldest(int page, byte[] bytes) {
        int oldest = Integer.MAX_VALUE;
        for (int offset = 0; offset < PAGE_BYTES; offset += 8) {
            oldest = Math.min(oldest, version(page, (long) LONGS.get(bytes, offset)));
        }
        return oldest;
    }
}
