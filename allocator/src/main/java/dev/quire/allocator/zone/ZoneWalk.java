package dev.quire.allocator.zone;

/** Checks that the levels of a zone agree. Exact only while nobody is at work. */
record ZoneWalk(
        int frameCount,
        Rows rows,
        Children children,
        Trees trees,
        Reservations reservations,
        FreeCount freeCount) {

    /**
     * Walks everything.
     *
     * @throws AssertionError naming what does not hold
     */
    void verify() {
        long free = 0;
        for (int tree = 0; tree < trees.count(); tree++) {
            int freeInTree = 0;
            int end = Math.min(trees.firstChild(tree + 1), children.count());
            for (int child = trees.firstChild(tree); child < end; child++) {
                freeInTree += verifyChild(child);
            }
            check(trees.free(tree) == freeInTree, "free of a tree", tree, trees.free(tree));
            free += freeInTree;
        }
        check(free == freeCount.exact(), "I6 free count", free, freeCount.exact());
        verifyEnd();
        verifyReservations();
    }

    private int verifyChild(int child) {
        long word = children.word(child);
        int bits = rows.free(child);
        int free = Child.free(word, child);
        if (Child.isTakenWhole(word, child)) {
            check(free == 0, "a child handed out has nothing free", child, free);
            check(bits == Child.FRAMES, "nor touched rows", child, bits);
        } else {
            check(free == bits, "free of a child are its free bits", child, free - bits);
        }
        check(
                Child.isHalfOfPair(word, child) == Child.isHalfOfPair(word, child ^ 1),
                "halves of a pair come in twos",
                child,
                word);
        return free;
    }

    /** Frames beyond the end are never free. */
    private void verifyEnd() {
        for (int frame = frameCount; frame < children.count() << Child.ORDER; frame++) {
            check(!rows.isFree(frame, 0), "a frame beyond the end is free", frame, frameCount);
        }
    }

    private void verifyReservations() {
        int reserved = 0;
        for (int tree = 0; tree < trees.count(); tree++) {
            reserved += trees.isReserved(tree) ? 1 : 0;
        }
        int held = 0;
        for (int slot = 0; slot < reservations.count(); slot++) {
            int tree = reservations.treeOf(slot);
            if (tree != Reservations.NONE) {
                check(trees.isReserved(tree), "a slot's tree is reserved", slot, tree);
                held++;
            }
        }
        // Two slots with one tree would leave a reserved tree without one, or too few reserved.
        check(reserved == held, "a reserved tree has one slot", reserved, held);
    }

    private static void check(boolean holds, String rule, long at, long found) {
        if (!holds) {
            throw new AssertionError(rule + ": " + at + ", " + found);
        }
    }
}
