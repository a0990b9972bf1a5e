package dev.quire.allocator.zone;

/**
 * Which tree each slot has reserved. Callers with different stripes use different slots, as far as
 * there are enough.
 *
 * <p>A hint that keeps callers apart: a slot may be shared, and anybody may take from any tree.
 */
final class Reservations {
    static final int NONE = -1;

    private final PaddedLongs trees;
    private final int mask;

    /** Slots without a tree; count is a power of two. */
    Reservations(int count) {
        trees = new PaddedLongs(count);
        mask = count - 1;
        for (int slot = 0; slot < count; slot++) {
            trees.setRelease(slot, NONE);
        }
    }

    int count() {
        return mask + 1;
    }

    /** The tree of a stripe's slot, or NONE. */
    int tree(int stripe) {
        return (int) trees.get(stripe & mask);
    }

    /** Replaces the tree by one that the caller reserved; the tree before is his to unreserve. */
    int swap(int stripe, int tree) {
        return (int) trees.swap(stripe & mask, tree);
    }

    long bytes() {
        return trees.bytes();
    }
}
