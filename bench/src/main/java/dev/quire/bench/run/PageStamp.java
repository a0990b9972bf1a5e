package dev.quire.bench.run;

import org.jspecify.annotations.Nullable;

/**
 * What a page of a file made by a run holds: its number, its version and a checksum over all of it.
 *
 * <pre>
 *  0           8             16          24           32                                 end
 * +-----------+-------------+-----------+------------+------------------------------------+
 * | MARK      | page number | version   | checksum   | words that follow from page and    |
 * |           |             | 1, 2, ... | CRC32C     | version, all different in the next |
 * +-----------+-------------+-----------+------------+------------------------------------+
 * little-endian longs; the checksum covers every byte but its own eight
 * </pre>
 *
 * As every word changes with the version, a page put together from two versions has a checksum that
 * does not fit: a torn page is found wherever it is torn.
 */
final class PageStamp {
    /** The version of a page that no workload has written yet. */
    static final long FIRST_VERSION = 1;

    static final int MARK_OFFSET = 0;
    static final int PAGE_OFFSET = 8;
    static final int VERSION_OFFSET = 16;
    static final int CHECKSUM_OFFSET = 24;
    static final int BODY_OFFSET = 32;

    private static final long MARK = 0x0045_5249_5551_2020L; // "  QUIRE" as bytes
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private PageStamp() {}

    /**
     * Fills the whole copy.
     *
     * @param copy where to
     * @param page the page's number
     * @param version 1 or more
     */
    static void write(PageCopy copy, long page, long version) {
        copy.putLong(MARK_OFFSET, MARK);
        copy.putLong(PAGE_OFFSET, page);
        copy.putLong(VERSION_OFFSET, version);
        long word = mix(page * GOLDEN + version);
        for (int offset = BODY_OFFSET; offset < copy.pageBytes(); offset += Long.BYTES) {
            copy.putLong(offset, word);
            word += GOLDEN;
        }
        copy.putLong(CHECKSUM_OFFSET, checksum(copy));
    }

    /**
     * The version that the copy claims to hold; {@link #check} tells whether it is to be believed.
     */
    static long version(PageCopy copy) {
        return copy.getLong(VERSION_OFFSET);
    }

    /**
     * Checks the whole copy.
     *
     * @param copy what was read
     * @param page the number of the page that was asked for
     * @param versionMin the oldest version that may be found
     * @param versionMax the newest version that may be found
     * @return what is wrong, or null
     */
    static @Nullable Mismatch check(PageCopy copy, long page, long versionMin, long versionMax) {
        if (copy.getLong(MARK_OFFSET) != MARK) {
            return new Mismatch(
                    page, "mark " + hex(MARK), "mark " + hex(copy.getLong(MARK_OFFSET)));
        }
        if (copy.getLong(PAGE_OFFSET) != page) {
            return new Mismatch(page, "page " + page, "page " + copy.getLong(PAGE_OFFSET));
        }
        long checksum = checksum(copy);
        if (copy.getLong(CHECKSUM_OFFSET) != checksum) {
            return new Mismatch(
                    page,
                    "checksum " + hex(copy.getLong(CHECKSUM_OFFSET)) + " as stored in it",
                    "checksum " + hex(checksum) + " of its bytes, version " + version(copy));
        }
        long version = version(copy);
        if (version < versionMin || version > versionMax) {
            return new Mismatch(page, versions(versionMin, versionMax), "version " + version);
        }
        return null;
    }

    /**
     * A number whose every bit depends on every bit of the given one; different for different ones.
     */
    static long mix(long seed) {
        long z = seed + GOLDEN;
        z = (z ^ (z >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
        z = (z ^ (z >>> 32)) * 0xD6E8_FEB8_6659_FD93L;
        return z ^ (z >>> 32);
    }

    private static long checksum(PageCopy copy) {
        return copy.checksumWithout(CHECKSUM_OFFSET, BODY_OFFSET);
    }

    private static String versions(long min, long max) {
        return min == max ? "version " + min : "version " + min + " or newer";
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
