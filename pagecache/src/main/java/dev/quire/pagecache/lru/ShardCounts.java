package dev.quire.pagecache.lru;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The numbers of a shard that are read without its lock, on lines of their own. Changed under the
 * lock, but for two: {@link #evict}, which is exact, and {@link #forgive}, which may be lost, or
 * cost a rejection that was counted meanwhile.
 */
final class ShardCounts {
    // Lines are fetched in pairs of 64 bytes.
    private static final int PAD = 32;

    private static final int TIME = PAD;
    private static final int SIZE = PAD + 1;
    private static final int EVICTIONS = PAD + 2; // from probation, from the main list
    private static final int REJECTED = PAD + 4; // likewise
    private static final int LENGTH = REJECTED + 2 + PAD;

    /** Where clocks begin: shortly before they wrap, so that every test sees them do so. */
    private static final int START = -1000;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(LENGTH);

    ShardCounts() {
        counts.setPlain(TIME, START);
        counts.setPlain(of(EVICTIONS, false), START);
        counts.setPlain(of(EVICTIONS, true), START);
    }

    private static int of(int index, boolean main) {
        return index + (main ? 1 : 0);
    }

    /** Misses so far: the shard's clock. */
    int time() {
        return counts.getOpaque(TIME);
    }

    int tick() {
        return increment(TIME);
    }

    int size() {
        return counts.getOpaque(SIZE);
    }

    void size(int size) {
        counts.setOpaque(SIZE, size);
    }

    /** Pages that left the cache from the list so far. */
    int evictions(boolean main) {
        return counts.getOpaque(of(EVICTIONS, main));
    }

    /** Counts one more, and answers its number: no two have the same. */
    int evict(boolean main) {
        return counts.incrementAndGet(of(EVICTIONS, main));
    }

    /** Pages of the list that could not go since one last did. */
    int rejected(boolean main) {
        return counts.getOpaque(of(REJECTED, main));
    }

    void reject(boolean main) {
        increment(of(REJECTED, main));
    }

    void forgive(boolean main) {
        int index = of(REJECTED, main);
        if (counts.getOpaque(index) != 0) {
            counts.setOpaque(index, 0);
        }
    }

    /** Pages that may go; 0 when all were rejected. */
    int supply() {
        int size = size();
        return size > rejected(false) + rejected(true) ? size : 0;
    }

    private int increment(int index) {
        int next = counts.getOpaque(index) + 1;
        counts.setOpaque(index, next);
        return next;
    }
}
