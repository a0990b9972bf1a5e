package dev.quire.bench.soak;

/**
 * What every 64-bit word of a page holds: the page's number and the version of its last write, so
 * that one that is torn, stale, lost or of another page is told from a good one. Version 0 is a
 * page of zeros.
 */
final class Stamp {
    private static final long MARK = 0x5A;

    private Stamp() {}

    static long word(int page, int version) {
        return version == 0 ? 0 : (long) version << 32 | (long) page << 8 | MARK;
    }

    /** The version in a word of a page; an error when it is none. */
    static int version(int page, long word) {
        int version = (int) (word >>> 32);
        if (version < 0 || word != word(page, version)) {
            throw new AssertionError("page %d holds %016x".formatted(page, word));
        }
        return version;
    }
}
