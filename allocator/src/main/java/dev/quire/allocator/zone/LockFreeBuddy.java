package dev.quire.allocator.zone;

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

    /** As many cells as processors: who asks for the free frames reads them all. */
    private static final int CELLS_MAX = 64;

    /** More slots than processors, so that few threads meet in one. */
    private static final int SLOTS_PER_CELL = 4;

    /** In a zone of fewer trees, one for what will never be moved is more than its share. */
    private static final int TREES_APART_MIN = 4;

    private final int frameCount;
    private final Rows rows;
    private final Children children;
    private final Trees trees;
    private final Blocks blocks;
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
        blocks = new Blocks(frameCount, rows, children, trees);
        int cells = Math.min(CELLS_MAX, Integer.highestOneBit(2 * processors - 1));
        // Half of the trees at most, so that one is left for who has used up his own.
        int most = Integer.highestOneBit(Math.max(1, trees.count() / 2));
        int slots = Math.min(SLOTS_PER_CELL * cells, most);
        reservations = new Reservations(slots, trees.count() >= TREES_APART_MIN);
        freeCount = new FreeCount(frameCount, cells);
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
        int head = tree == Reservations.NONE ? NO_FRAME : blocks.takeSmall(tree, order);
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
                int head = blocks.takeSmall(tree, order);
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
            head = blocks.takeSmall(tree, order);
        }
        return head;
    }

    // ---- allocate whole children

    private int takeWhole(int order) {
        int top = trees.count() - 1;
        int hint = trees.highestWhole().get();
        for (int tree = hint; tree >= 0; tree--) {
            int head = blocks.takeWhole(tree, order);
            if (head != NO_FRAME) {
                if (order == Child.ORDER) {
                    trees.highestWhole().advance(hint, tree);
                }
                return head;
            }
        }
        for (int tree = top; tree > hint; tree--) {
            int head = blocks.takeWhole(tree, order);
            if (head != NO_FRAME) {
                trees.highestWhole().raise(tree);
                return head;
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
        int taken = tree == Reservations.NONE ? 0 : takeSingles(tree, frames, from, wanted);
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
                taken += takeSingles(tree, frames, from + taken, wanted - taken);
                reserve(tree, 0, stripe);
            }
        }
        return taken;
    }

    private int takeSinglesAnywhere(int[] frames, int from, int wanted) {
        int taken = 0;
        for (int tree = 0; tree < trees.count() && taken < wanted; tree++) {
            taken += takeSingles(tree, frames, from + taken, wanted - taken);
        }
        return taken;
    }

    private int takeSingles(int tree, int[] frames, int from, int wanted) {
        int taken = blocks.takeSingles(tree, frames, from, wanted);
        if (taken > 0) {
            freeCount.add(tree, -taken);
        }
        return taken;
    }

    // ---- allocate a certain block

    @Override
    public boolean allocateAt(int head, int order, int keepFrames) {
        checkOrder(order);
        int frames = 1 << order;
        boolean taken =
                isBlock(head, order)
                        && (keepFrames == 0 || freeCount.sum() - frames >= keepFrames)
                        && blocks.takeAt(head, order);
        if (taken) {
            freeCount.add(trees.of(head), -frames);
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
        int given = blocks.give(head, order);
        if (given > 0) {
            freeCount.add(trees.of(head), given);
        }
        return given == 1 << order;
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

    private int freeSingles(int[] frames, int from, int end) {
        int at = from;
        boolean refused = false;
        while (at < end && !refused && isBlock(frames[at], 0)) {
            int next = blocks.giveSingles(frames, at, end);
            refused = next == at;
            at = next;
        }
        if (at > from) {
            freeCount.add(trees.of(frames[from]), at - from);
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
    public void freeBlocks(int[] counts) {
        blocks.count(counts);
    }

    @Override
    public boolean isFree(int frame) {
        return blocks.isFree(frame);
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
