package dev.quire.allocator.zone;

import static dev.quire.allocator.zone.BuddyZone.NO_FRAME;
import static dev.quire.allocator.zone.BuddyZone.ORDER_MAX;

import java.util.Arrays;

/**
 * The blocks of a zone, tree by tree: tickets from the tree, then from the child, then the bits,
 * and the other way to give them back. Which tree is for others to choose.
 *
 * <p>Each step is undone next to where it was done. A taker looks for a block before it takes
 * tickets, since tickets held in vain make others fail.
 */
final class Blocks {
    private final int frameCount;
    private final Rows rows;
    private final Children children;
    private final Trees trees;

    Blocks(int frameCount, Rows rows, Children children, Trees trees) {
        this.frameCount = frameCount;
        this.rows = rows;
        this.children = children;
        this.trees = trees;
    }

    // ---- take a block smaller than a child

    /**
     * Takes a block within a tree.
     *
     * @param tree where
     * @param order 0..8
     * @return the head of the lowest one, of those in children that are in use already before the
     *     others; or NO_FRAME
     */
    int takeSmall(int tree, int order) {
        int frames = 1 << order;
        if (trees.free(tree) < frames) {
            return NO_FRAME;
        }
        int first = trees.firstChild(tree);
        int end = Math.min(trees.firstChild(tree + 1), children.count());
        int whole = end;
        for (int child = first; child < end; child++) {
            int free = children.free(child);
            if (free == Child.FRAMES) {
                whole = Math.min(whole, child);
            } else if (free >= frames) {
                int head = takeSmallIn(tree, child, order);
                if (head != NO_FRAME) {
                    return head;
                }
            }
        }
        // A whole child is broken only when no other serves.
        for (int child = whole; child < end; child++) {
            int head = children.free(child) < frames ? NO_FRAME : takeSmallIn(tree, child, order);
            if (head != NO_FRAME) {
                return head;
            }
        }
        return NO_FRAME;
    }

    private int takeSmallIn(int tree, int child, int order) {
        int frames = 1 << order;
        int row = rows.find(child, order);
        if (row < 0 || !trees.take(tree, frames)) {
            return NO_FRAME;
        }
        if (!children.take(child, frames)) {
            trees.give(tree, frames);
            return NO_FRAME;
        }
        int head = rows.take(child, row, order);
        if (head == NO_FRAME) {
            children.give(child, frames);
            trees.give(tree, frames);
        }
        return head;
    }

    // ---- take whole children

    /**
     * Takes a whole child or two.
     *
     * @param tree where
     * @param order 9 or 10
     * @return the head of the highest one, or NO_FRAME
     */
    int takeWhole(int tree, int order) {
        if (trees.free(tree) < 1 << order) {
            return NO_FRAME;
        }
        // A child whose buddy is in use before one of two that are both whole.
        int head = order == Child.ORDER ? takeWholeIn(tree, order, false) : NO_FRAME;
        return head != NO_FRAME ? head : takeWholeIn(tree, order, true);
    }

    private int takeWholeIn(int tree, int order, boolean ofTwo) {
        int last = Math.min(trees.firstChild(tree + 1), children.count()) - 1;
        int step = 1 << (order - Child.ORDER);
        for (int child = last & -step; child >= trees.firstChild(tree); child -= step) {
            long word = children.word(child);
            boolean serves = step == 1 ? Child.isWhole(word, child) : Child.areBothWhole(word);
            if (serves && (ofTwo || !Child.areBothWhole(word))) {
                if (!trees.take(tree, 1 << order)) {
                    return NO_FRAME;
                }
                if (children.takeWhole(child, order)) {
                    return child << Child.ORDER;
                }
                trees.give(tree, 1 << order);
            }
        }
        return NO_FRAME;
    }

    // ---- take single frames

    /**
     * Takes single frames.
     *
     * @param tree where
     * @param frames where to put them
     * @param from first index to fill
     * @param wanted at most so many
     * @return how many there were
     */
    int takeSingles(int tree, int[] frames, int from, int wanted) {
        int tickets = trees.takeUpTo(tree, wanted);
        if (tickets == 0) {
            return 0;
        }
        int taken = takeSinglesIn(tree, frames, from, tickets, false);
        if (taken < tickets) {
            taken += takeSinglesIn(tree, frames, from + taken, tickets - taken, true);
        }
        if (taken < tickets) {
            trees.give(tree, tickets - taken);
        }
        return taken;
    }

    private int takeSinglesIn(int tree, int[] frames, int from, int tickets, boolean whole) {
        int end = Math.min(trees.firstChild(tree + 1), children.count());
        int taken = 0;
        for (int child = trees.firstChild(tree); child < end && taken < tickets; child++) {
            int free = children.free(child);
            if (free > 0 && (whole || free < Child.FRAMES)) {
                int held = children.takeUpTo(child, tickets - taken);
                int found = rows.takeSingles(child, frames, from + taken, held);
                if (found < held) {
                    children.give(child, held - found);
                }
                taken += found;
            }
        }
        return taken;
    }

    // ---- take a certain block

    /** Takes a certain block of the zone; false, with nothing changed, when not all is free. */
    boolean takeAt(int head, int order) {
        int tree = trees.of(head);
        int frames = 1 << order;
        if (!looksFree(head, order) || !trees.take(tree, frames)) {
            return false;
        }
        boolean taken =
                order < Child.ORDER
                        ? takeSmallAt(head, order)
                        : children.takeWhole(head >>> Child.ORDER, order);
        if (!taken) {
            trees.give(tree, frames);
        }
        return taken;
    }

    private boolean looksFree(int head, int order) {
        int child = head >>> Child.ORDER;
        long word = children.word(child);
        return switch (order) {
            case Child.ORDER -> Child.isWhole(word, child);
            case ORDER_MAX -> Child.areBothWhole(word);
            default -> Child.free(word, child) >= 1 << order && rows.isFree(head, order);
        };
    }

    private boolean takeSmallAt(int head, int order) {
        int child = head >>> Child.ORDER;
        if (!children.take(child, 1 << order)) {
            return false;
        }
        boolean taken = rows.takeAt(head, order);
        if (!taken) {
            children.give(child, 1 << order);
        }
        return taken;
    }

    // ---- give

    /**
     * Gives a block of the zone back.
     *
     * @return how many frames became free: all of the block; 0, with nothing changed, when some are
     *     free or it is not handed out like that; see {@link Rows#give} for what may lie between
     */
    int give(int head, int order) {
        int child = head >>> Child.ORDER;
        int given;
        if (order < Child.ORDER) {
            given = rows.give(head, order);
            if (given > 0) {
                giveToChild(child, given);
            }
        } else if (children.giveWhole(child, order)) {
            given = 1 << order;
            trees.highestWhole().raise(trees.of(head));
        } else {
            given = 0;
        }
        if (given > 0) {
            trees.give(trees.of(head), given);
        }
        return given;
    }

    private void giveToChild(int child, int frames) {
        if (children.give(child, frames)) {
            trees.highestWhole().raise(trees.of(child << Child.ORDER));
        }
    }

    /**
     * Gives single frames of one child back: those of one row that follow each other by one CAS,
     * all by one add to each counter.
     *
     * @param frames what to give; the first one is of the zone
     * @param from index of the first
     * @param end index behind the last
     * @return the index of the first frame that is refused, or is of another child; or end
     */
    int giveSingles(int[] frames, int from, int end) {
        int child = frames[from] >>> Child.ORDER;
        int at = from;
        boolean refused = false;
        while (at < end && !refused && frames[at] >>> Child.ORDER == child) {
            int next = giveRow(frames, at, end);
            refused = next == at;
            at = next;
        }
        if (at > from) {
            giveToChild(child, at - from);
            trees.give(trees.of(frames[from]), at - from);
        }
        return at;
    }

    /** The index behind those that became free: from, if the first one is refused. */
    private int giveRow(int[] frames, int from, int end) {
        int row = frames[from] >>> Row.ORDER;
        long bits = 0;
        int to = from;
        // The last row may go on beyond the zone, with frames that are not free but nobody's.
        while (to < end && frames[to] >>> Row.ORDER == row && frames[to] < frameCount) {
            long bit = 1L << frames[to];
            if ((bits & bit) != 0) {
                break;
            }
            bits |= bit;
            to++;
        }
        if (rows.giveWithin(row, bits)) {
            return to;
        }
        // One of them is free already: up to that one, each alone.
        int at = from;
        while (at < to && rows.giveWithin(row, 1L << frames[at])) {
            at++;
        }
        return at;
    }

    // ---- look

    boolean isFree(int frame) {
        int child = frame >>> Child.ORDER;
        return rows.isFree(frame, 0) && !Child.isTakenWhole(children.word(child), child);
    }

    /** Counts the free blocks of each order. */
    void count(int[] blocks) {
        Arrays.fill(blocks, 0, ORDER_MAX + 1, 0);
        for (int child = 0; child < children.count(); child += 2) {
            long word = children.word(child);
            long whole = countWithin(child, word, blocks);
            if (child + 1 < children.count()) {
                whole |= countWithin(child + 1, word, blocks) << (1 << Rows.CHILD_SHIFT);
            }
            Row.count(whole, ORDER_MAX - Row.ORDER, blocks, Row.ORDER);
        }
    }

    /** Counts the blocks smaller than a row; a bit for every row that is all free. */
    private long countWithin(int child, long word, int[] blocks) {
        long whole = 0;
        for (int i = 0; i < 1 << Rows.CHILD_SHIFT && !Child.isTakenWhole(word, child); i++) {
            long row = rows.row((child << Rows.CHILD_SHIFT) + i);
            if (row == Row.ALL_FREE) {
                whole |= 1L << i;
            } else {
                Row.count(row, Row.ORDER, blocks, 0);
            }
        }
        return whole;
    }
}
