package dev.quire.bench.jmh;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Slots that one thread fills and another empties, in order: a queue that holds nothing itself, so
 * that neither objects nor numbers are favoured on their way.
 */
final class HandoverRing {
    /** No slot: the answer while the ring is full, or empty. */
    static final int NO_SLOT = -1;

    // Each on a cache line of its own, its neighbour's prefetched one included.
    private static final int FILLED = 16;
    private static final int EMPTIED_SEEN = 32;
    private static final int EMPTIED = 48;
    private static final int FILLED_SEEN = 64;

    private final AtomicLongArray counts = new AtomicLongArray(80);
    private final int slots;

    /**
     * An empty ring.
     *
     * @param slots how many, a power of two
     */
    HandoverRing(int slots) {
        this.slots = slots;
    }

    /** The slot to fill next, for the one who fills. */
    int empty() {
        long filled = counts.getPlain(FILLED);
        if (filled - counts.getPlain(EMPTIED_SEEN) == slots) {
            counts.setPlain(EMPTIED_SEEN, counts.getAcquire(EMPTIED));
            if (filled - counts.getPlain(EMPTIED_SEEN) == slots) {
                return NO_SLOT;
            }
        }
        return (int) filled & (slots - 1);
    }

    /** It is filled, and everything done for it can be seen by the one who empties. */
    void filled() {
        counts.setRelease(FILLED, counts.getPlain(FILLED) + 1);
    }

    /** The slot to empty next, for the one who empties. */
    int full() {
        long emptied = counts.getPlain(EMPTIED);
        if (emptied == counts.getPlain(FILLED_SEEN)) {
            counts.setPlain(FILLED_SEEN, counts.getAcquire(FILLED));
            if (emptied == counts.getPlain(FILLED_SEEN)) {
                return NO_SLOT;
            }
        }
        return (int) emptied & (slots - 1);
    }

    /** It is emptied, and may be filled again. */
    void emptied() {
        counts.setRelease(EMPTIED, counts.getPlain(EMPTIED) + 1);
    }
}
