package dev.quire.allocator.zone;

/**
 * The trees of a zone: a counter of tickets for a few thousand frames, and whether a slot has the
 * tree reserved.
 *
 * <pre>
 *  63         33    32      31                            0
 * +-------------+----------+------------------------------+
 * |      0      | RESERVED |             free             |
 * +-------------+----------+------------------------------+
 * free: at most the sum of the children's
 * </pre>
 *
 * <p>Two hints save searches from walking trees in vain. A lost update of a hint costs packing, and
 * nothing else: who finds nothing by a hint looks everywhere.
 */
final class Trees {
    private static final long RESERVED = 1L << 32;

    private final PaddedLongs words;
    private final int order;
    private final int count;

    /** The lowest tree that may have {@link #PLENTY}. */
    private final Hint lowest;

    /** The highest tree that may have a whole child. */
    private final Hint highestWhole;

    /** A tree with so many free frames is worth to be reserved. */
    static final int PLENTY = 64;

    /** Trees of {@code 1 << order} frames, all free; the last may have fewer. */
    Trees(int frameCount, int order) {
        this.order = order;
        count = ((frameCount - 1) >>> order) + 1;
        words = new PaddedLongs(count);
        for (int tree = 0; tree < count; tree++) {
            words.setRelease(tree, Math.min(1 << order, frameCount - (tree << order)));
        }
        lowest = new Hint(0);
        highestWhole = new Hint(count - 1);
    }

    int count() {
        return count;
    }

    /** The tree of a frame. */
    int of(int frame) {
        return frame >>> order;
    }

    int firstChild(int tree) {
        return tree << (order - Child.ORDER);
    }

    int free(int tree) {
        return (int) words.get(tree);
    }

    // ---- tickets

    /** Takes tickets; false when there are not as many. */
    boolean take(int tree, int frames) {
        while (true) { // Again only when somebody else changed the word.
            long seen = words.get(tree);
            if ((int) seen < frames) {
                return false;
            }
            if (words.cas(tree, seen, seen - frames)) {
                return true;
            }
        }
    }

    /** Takes as many tickets as there are, at most so many. */
    int takeUpTo(int tree, int frames) {
        while (true) {
            long seen = words.get(tree);
            int taken = Math.min(frames, (int) seen);
            if (taken == 0 || words.cas(tree, seen, seen - taken)) {
                return taken;
            }
        }
    }

    /** Gives tickets back, which the children have already. */
    void give(int tree, int frames) {
        int free = (int) words.add(tree, frames) + frames;
        if (free >= PLENTY) {
            lowest.lower(tree);
        }
    }

    // ---- reservation

    boolean isReserved(int tree) {
        return (words.get(tree) & RESERVED) != 0;
    }

    /** Reserves a tree; false when it is already. */
    boolean reserve(int tree) {
        while (true) {
            long seen = words.get(tree);
            if ((seen & RESERVED) != 0) {
                return false;
            }
            if (words.cas(tree, seen, seen | RESERVED)) {
                return true;
            }
        }
    }

    /** Ends a reservation that the caller has. */
    void unreserve(int tree) {
        words.add(tree, -RESERVED);
    }

    // ---- hints

    Hint lowest() {
        return lowest;
    }

    Hint highestWhole() {
        return highestWhole;
    }

    long bytes() {
        return words.bytes() + lowest.bytes() + highestWhole.bytes();
    }

    /** Where a search should begin. */
    static final class Hint {
        private final PaddedLongs tree = new PaddedLongs(1);

        Hint(int tree) {
            this.tree.setRelease(0, tree);
        }

        int get() {
            return (int) tree.get(0);
        }

        void lower(int to) {
            if (to < get()) {
                tree.setRelease(0, to);
            }
        }

        void raise(int to) {
            if (to > get()) {
                tree.setRelease(0, to);
            }
        }

        /** Moves it past trees that were found to be of no use, unless it moved meanwhile. */
        void advance(int seen, int to) {
            if (to != seen) {
                tree.cas(0, seen, to);
            }
        }

        long bytes() {
            return tree.bytes();
        }
    }
}
