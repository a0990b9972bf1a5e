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
    private final int unmovable;

    /**
     * Slots without a tree.
     *
     * @param count a power of two
     * @param apart whether there is one more, for what will never be moved
     */
    Reservations(int count, boolean apart) {
        trees = new PaddedLongs(apart ? count + 1 : count);
        mask = count - 1;
        unmovable = apart ? count : 0;
        for (int slot = 0; slot < count(); slot++) {
            trees.setRelease(slot, NONE);
        }
    }

    int count() {
        return Math.max(mask, unmovable) + 1;
    }

    private int slot(int stripe) {
        return stripe < 0 ? unmovable : stripe & mask;
    }

    /** The tree of a stripe's slot, or NONE. */
    int tree(int stripe) {
        return (int) trees.get(slot(stripe));
    }

    /** The tree of a slot, or NONE. */
    int treeOf(int slot) {
        return (int) trees.get(slot);
    }

    /** Replaces the tree by one that the caller reserved; the tree before is his to unreserve. */
    int swap(int stripe, int tree) {
        return (int) trees.swap(slot(stripe), tree);
    }

    long bytes() {
        return trees.bytes();
    }
}
