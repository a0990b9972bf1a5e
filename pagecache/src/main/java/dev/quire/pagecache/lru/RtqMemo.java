package dev.quire.pagecache.lru;

/**
 * What RTQ remembers of an evicted page, in the slot that the page left.
 *
 * <pre>
 *   59                     28 27               1  0
 *  +-------------------------+------------------+---+
 *  |          stamp          |     eviction     | m |
 *  +-------------------------+------------------+---+
 *   when it was last seen in   of its list, the   from the
 *   use, in misses             how manieth        main list
 * </pre>
 *
 * <p>Both numbers are those of a shard, and wrap.
 */
final class RtqMemo {
    private static final int EVICTION_SHIFT = 1;
    private static final int EVICTION_BITS = 27;
    private static final int STAMP_SHIFT = EVICTION_SHIFT + EVICTION_BITS;
    private static final int EVICTION_MASK = (1 << EVICTION_BITS) - 1;

    /** Distances between evictions are told apart up to this. */
    static final int EVICTIONS_MAX = EVICTION_MASK;

    private RtqMemo() {}

    static long of(int stamp, int eviction, boolean fromMain) {
        return (stamp & 0xffff_ffffL) << STAMP_SHIFT
                | (long) (eviction & EVICTION_MASK) << EVICTION_SHIFT
                | (fromMain ? 1 : 0);
    }

    static int stamp(long memo) {
        return (int) (memo >>> STAMP_SHIFT);
    }

    /** How many pages have left the list since, the next eviction being the given one. */
    static int evictionsSince(long memo, int eviction) {
        return eviction - (int) (memo >>> EVICTION_SHIFT) & EVICTION_MASK;
    }

    static boolean fromMain(long memo) {
        return (memo & 1) != 0;
    }
}
