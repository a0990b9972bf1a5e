package dev.quire.allocator.zone;

import java.util.Arrays;

/**
 * A buddy zone without locks: any thread allocates and frees any order at any time, and a thread
 * that is held up anywhere delays nobody. After LLFree (Wrenger et al., USENIX ATC 2023).
 */
public final class LockFreeBuddy implements BuddyZone {
    /*
     * How it works. A bit a frame says what is free (Rows); a counter for every 512 frames (Children)
     * and one for every tree of those (Trees) say how many of them nobody has a ticket for. At any
     * moment
     *
     *     free of a tree <= sum of its children's free      free of a child <= its free bits
     *
     * because who allocates takes tickets from the tree, then from the child, then the bits, and who
     * frees goes the other way. There are no lists and nothing is merged: any aligned run of free
     * bits is a block. A whole child (order 9) or two (order 10) change hands by one CAS on the
     * counters' word, and the rows stay as they are.
     *
     * Progress: each loop around a CAS goes round again only when somebody else's succeeded. No
     * operation waits for a step of another.
     *
     * What a failed allocation means. Order 0 and batches: a ticket stands for a frame that is free,
     * so who fails saw every tree without one, in each of PASSES_MAX passes if the count said
     * otherwise. Of the frames free all the while, every one had its ticket with somebody in flight:
     * with an allocation that goes on to take it, which comes first in a sequential order; with a
     * free that has not given the ticket yet, which comes after; or with an allocation of a larger
     * block that looked, took tickets, and lost the block to a third before its bits. That one
     * counts as two operations, one that takes so many frames anywhere and one that gives them back,
     * with the failure in between. It looks before it takes tickets, so that this needs a race lost.
     * (A frame that others free behind and take before the searcher in every pass is missed as
     * well.) Orders above 0 look at every run once: a block that appears behind the searcher comes
     * after.
     *
     * Where from. Small blocks from the lowest tree that has plenty, which the caller's slot reserves
     * so that callers stay apart; in a tree from the lowest child that is in use already. Orders 9
     * and 10 from the other end. So the upper end empties as frames are freed, and whole children
     * come back.
     */

    /** An allocation of a single frame fails after so many looks at everything. */
    private static final int PASSES_MAX = 16;

    private static final int TREE_ORDER_MIN = ORDER_MAX;
    private static final int TREE_ORDER_MAX = 14;

    /** Smaller trees for small zones, so that there are as many trees as may be worth reserving. */
    private static final int TREES_MIN_SHIFT = 6;

    private static final int STRIPES_MAX = 64;

    private final int frameCount;
    private final Rows rows;
    private final Children children;
    private final Trees trees;
    private final Reservations reservations;
    private final FreeCount freeCount;

    /**
     * A zone whose frames are all free.
     *
     * @param frameCount how many, 1..2^30
     */
    public LockFreeBuddy(int frameCount) {
        this(frameCount, treeOrder(frameCount), Runtime.getRuntime().availableProcessors());
    }

    LockFreeBuddy(int frameCount, int treeOrder, int processors) {
        if (frameCount < 1 || frameCount > 1 << 30) {
            throw new IllegalArgumentException(
                    "frameCount must be 1..2^30: frameCount=" + frameCount);
        }
        this.frameCount = frameCount;
        children = new Children(frameCount);
        rows = new Rows(frameCount, children.count());
        trees = new Trees(frameCount, treeOrder);
        int stripes = Math.min(STRIPES_MAX, Integer.highestOneBit(2 * processors - 1));
        reservations = new Reservations(Math.min(stripes, Integer.highestOneBit(trees.count())));
        freeCount = new FreeCount(frameCount, stripes);
    }

    private static int treeOrder(int frameCount) {
        int log2 = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.max(1, frameCount));
        return Math.clamp(log2 - TREES_MIN_SHIFT, TREE_ORDER_MIN, TREE_ORDER_MAX);
    }

    // ---- allocate

    @Override
    public int allocate(int order, int keepFrames, int stripe) {
        checkOrder(order);
        // Others may take between this look and ours: watermarks are not exact, as in Linux.
        if (keepFrames > 0 && freeCount.sum() - (1 << order) < keepFrames) {
            return NO_FRAME;
        }
        int head = order < Child.ORDER ? takeSmall(order, stripe) : takeWhole(order);
        if (head != NO_FRAME) {
            freeCount.add(trees.of(head), -(1 << order));
        }
        return head;
    }

    private int takeSmall(int order, int stripe) {
        int tree = reservations.tree(stripe);
        int head = tree == Reservations.NONE ? NO_FRAME : takeSmallIn(tree, order);
        if (head == NO_FRAME) {
            head = takeSmallReserving(order, stripe);
        }
        for (int pass = 0; head == NO_FRAME && pass < PASSES_MAX; pass++) {
            head = takeSmallAnywhere(order);
            if (order > 0 || freeCount.sum() == 0) {
                break;
            }
        }
        return head;
    }

    /** From the lowest tree with plenty that no slot has, which becomes the slot's. */
    private int takeSmallReserving(int order, int stripe) {
        int need = Math.max(1 << order, Trees.PLENTY);
        for (int tree = nextPlenty(trees.lowest().get()); tree < trees.count(); tree++) {
            if (trees.free(tree) >= need && !trees.isReserved(tree)) {
                int head = takeSmallIn(tree, order);
                if (head != NO_FRAME) {
                    reserve(tree, order, stripe);
                    return head;
                }
            }
        }
        return NO_FRAME;
    }

    /** Moves the hint to the first tree from there on that has plenty. */
    private int nextPlenty(int from) {
        int tree = from;
        while (tree < trees.count() && trees.free(tree) < Trees.PLENTY) {
            tree++;
        }
        trees.lowest().advance(from, tree);
        return tree;
    }

    private void reserve(int tree, int order, int stripe) {
        int old = reservations.tree(stripe);
        boolean oldServes =
                order > 0 && old != Reservations.NONE && trees.free(old) >= Trees.PLENTY;
        if (!oldServes && trees.reserve(tree)) {
            int replaced = reservations.swap(stripe, tree);
            if (replaced != Reservations.NONE) {
                trees.unreserve(replaced);
            }
        }
    }

    private int takeSmallAnywhere(int order) {
        int head = NO_FRAME;
        for (int tree = 0; tree < trees.count() && head == NO_FRAME; tree++) {
            head = takeSmallIn(tree, order);
        }
        return head;
    }

    private int takeSmallIn(int tree, int order) {
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

    // ---- allocate whole children

    private int takeWhole(int order) {
        int top = trees.count() - 1;
        int hint = trees.highestWhole().get();
        for (int tree = hint; tree >= 0; tree--) {
            int head = takeWholeIn(tree, order);
            if (head != NO_FRAME) {
                if (order == Child.ORDER) {
                    trees.highestWhole().advance(hint, tree);
                }
                return head;
            }
        }
        for (int tree = top; tree > hint; tree--) {
            int head = takeWholeIn(tree, order);
            if (head != NO_FRAME) {
                return head;
            }
        }
        return NO_FRAME;
    }

    private int takeWholeIn(int tree, int order) {
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

    // ---- allocate single frames

    @Override
    public int allocateBatch(int[] frames, int from, int count, int keepFrames, int stripe) {
        int wanted =
                keepFrames > 0 ? Math.clamp((long) freeCount.sum() - keepFrames, 0, count) : count;
        int tree = reservations.tree(stripe);
        int taken = tree == Reservations.NONE ? 0 : takeSinglesIn(tree, frames, from, wanted);
        if (taken < wanted) {
            taken += takeSinglesReserving(frames, from + taken, wanted - taken, stripe);
        }
        for (int pass = 0; taken < wanted && pass < PASSES_MAX; pass++) {
            taken += takeSinglesAnywhere(frames, from + taken, wanted - taken);
            if (freeCount.sum() == 0) {
                break;
            }
        }
        return taken;
    }

    private int takeSinglesReserving(int[] frames, int from, int wanted, int stripe) {
        int taken = 0;
        for (int tree = nextPlenty(trees.lowest().get());
                tree < trees.count() && taken < wanted;
                tree++) {
            if (trees.free(tree) >= Trees.PLENTY && !trees.isReserved(tree)) {
                taken += takeSinglesIn(tree, frames, from + taken, wanted - taken);
                reserve(tree, 0, stripe);
            }
        }
        return taken;
    }

    private int takeSinglesAnywhere(int[] frames, int from, int wanted) {
        int taken = 0;
        for (int tree = 0; tree < trees.count() && taken < wanted; tree++) {
            taken += takeSinglesIn(tree, frames, from + taken, wanted - taken);
        }
        return taken;
    }

    private int takeSinglesIn(int tree, int[] frames, int from, int wanted) {
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
        freeCount.add(tree, -taken);
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

    // ---- allocate a certain block

    @Override
    public boolean allocateAt(int head, int order, int keepFrames) {
        checkOrder(order);
        int frames = 1 << order;
        if (!isBlock(head, order)
                || !looksFree(head, order)
                || (keepFrames > 0 && freeCount.sum() - frames < keepFrames)
                || !trees.take(trees.of(head), frames)) {
            return false;
        }
        boolean taken =
                order < Child.ORDER
                        ? takeSmallAt(head, order)
                        : children.takeWhole(head >>> Child.ORDER, order);
        if (taken) {
            freeCount.add(trees.of(head), -frames);
        } else {
            trees.give(trees.of(head), frames);
        }
        return taken;
    }

    /** Before any ticket is taken, so that tickets are taken in vain only when a race is lost. */
    private boolean looksFree(int head, int order) {
        int child = head >>> Child.ORDER;
        long word = children.word(child);
        if (order < Child.ORDER) {
            return Child.free(word, child) >= 1 << order && rows.isFree(head, order);
        }
        return order == Child.ORDER ? Child.isWhole(word, child) : Child.areBothWhole(word);
    }

    private boolean takeSmallAt(int head, int order) {
        int child = head >>> Child.ORDER;
        if (!children.take(child, 1 << order)) {
            return false;
        }
        boolean taken = rows.takeAt(head, order);
        if (!taken) {
            giveToChild(child, 1 << order);
        }
        return taken;
    }

    // ---- free

    @Override
    public boolean free(int head, int order) {
        checkOrder(order);
        if (!isBlock(head, order)) {
            return false;
        }
        int given = order < Child.ORDER ? giveSmall(head, order) : giveWhole(head, order);
        if (given > 0) {
            int tree = trees.of(head);
            trees.give(tree, given);
            freeCount.add(tree, given);
        }
        return given == 1 << order;
    }

    private int giveSmall(int head, int order) {
        int given = rows.give(head, order);
        if (given > 0) {
            giveToChild(head >>> Child.ORDER, given);
        }
        return given;
    }

    private int giveWhole(int head, int order) {
        if (!children.giveWhole(head >>> Child.ORDER, order)) {
            return 0;
        }
        trees.highestWhole().raise(trees.of(head));
        return 1 << order;
    }

    private void giveToChild(int child, int frames) {
        if (children.give(child, frames)) {
            trees.highestWhole().raise(trees.of(child << Child.ORDER));
        }
    }

    @Override
    public int freeBatch(int[] heads, int from, int count, int order) {
        checkOrder(order);
        int end = from + count;
        if (order == 0) {
            return freeSingles(heads, from, end);
        }
        int at = from;
        while (at < end && free(heads[at], order)) {
            at++;
        }
        return at;
    }

    /** Frames of one row behind each other by one CAS; of one child, by one add to each counter. */
    private int freeSingles(int[] frames, int from, int end) {
        int at = from;
        boolean refused = false;
        while (at < end && !refused && isBlock(frames[at], 0)) {
            int child = frames[at] >>> Child.ORDER;
            int start = at;
            while (at < end && !refused && frames[at] >>> Child.ORDER == child) {
                int next = giveRow(frames, at, end);
                refused = next == at;
                at = next;
            }
            if (at > start) {
                int tree = trees.of(frames[start]);
                giveToChild(child, at - start);
                trees.give(tree, at - start);
                freeCount.add(tree, at - start);
            }
        }
        return at;
    }

    /** The index behind those that became free: from, if the first one is refused. */
    private int giveRow(int[] frames, int from, int end) {
        if (frames[from] >= frameCount) {
            return from;
        }
        int row = frames[from] >>> Row.ORDER;
        long bits = 0;
        int to = from;
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

    private boolean isBlock(int head, int order) {
        int length = 1 << order;
        return head >= 0 && head <= frameCount - length && (head & (length - 1)) == 0;
    }

    // ---- look

    @Override
    public int frameCount() {
        return frameCount;
    }

    @Override
    public int freeFrames() {
        return freeCount.sum();
    }

    @Override
    public void freeBlocks(int[] blocks) {
        Arrays.fill(blocks, 0, ORDER_MAX + 1, 0);
        for (int child = 0; child < children.count(); child += 2) {
            long word = children.word(child);
            long whole = freeBlocksIn(child, word, blocks);
            if (child + 1 < children.count()) {
                whole |= freeBlocksIn(child + 1, word, blocks) << (1 << Rows.CHILD_SHIFT);
            }
            Row.count(whole, ORDER_MAX - Row.ORDER, blocks, Row.ORDER);
        }
    }

    /** Counts the blocks smaller than a row; a bit for every row that is all free. */
    private long freeBlocksIn(int child, long word, int[] blocks) {
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

    @Override
    public boolean isFree(int frame) {
        int child = frame >>> Child.ORDER;
        return rows.isFree(frame) && !Child.isTakenWhole(children.word(child), child);
    }

    @Override
    public long metadataBytes() {
        return rows.bytes()
                + children.bytes()
                + trees.bytes()
                + reservations.bytes()
                + freeCount.bytes();
    }

    @Override
    public void verify() {
        new ZoneWalk(frameCount, rows, children, trees, reservations, freeCount).verify();
    }

    @Override
    public String toString() {
        return "LockFreeBuddy[free=" + freeFrames() + " of " + frameCount + "]";
    }

    private static void checkOrder(int order) {
        if (order < 0 || order > ORDER_MAX) {
            throw new IllegalArgumentException(
                    "order must be 0.." + ORDER_MAX + ": order=" + order);
        }
    }
}
