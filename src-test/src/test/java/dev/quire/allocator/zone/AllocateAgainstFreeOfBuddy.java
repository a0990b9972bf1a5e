package dev.quire.allocator.zone;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * One half of a block is free, and allocated while its buddy is given back: the allocation finds a
 * block whatever the free has done so far, no frame is lost or counted twice, and the two merge.
 *
 * <p>Results: whether the allocation found a block, whether the free was accepted, and whether the
 * levels agree afterwards and all frames are one block again once that is given back too.
 */
final class AllocateAgainstFreeOfBuddy {
    private AllocateAgainstFreeOfBuddy() {}

    /** Two blocks, the second one handed out. */
    public abstract static class Scene {
        private final int order;
        private final BuddyZone zone;
        private final int taken;
        private int found;

        Scene(int order) {
            this.order = order;
            zone = new LockFreeBuddy(2 << order, 10, 2);
            taken = zone.allocate(order, 0, 0);
        }

        int allocate() {
            found = zone.allocate(order, 0, 0);
            return found == BuddyZone.NO_FRAME ? 0 : 1;
        }

        int free() {
            return zone.free(taken, order) ? 1 : 0;
        }

        int agrees() {
            zone.verify();
            boolean one = zone.freeFrames() == 1 << order && zone.free(found, order);
            zone.verify();
            int[] blocks = new int[BuddyZone.ORDER_MAX + 1];
            zone.freeBlocks(blocks);
            boolean merged =
                    order == BuddyZone.ORDER_MAX ? blocks[order] == 2 : blocks[order + 1] == 1;
            return one && merged ? 1 : 0;
        }
    }

    /** Order 0. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both, and they agree")
    @Outcome(expect = FORBIDDEN, desc = "a block not found, refused, lost or counted twice")
    @State
    public static class ActualOrder0 extends Scene {
        public ActualOrder0() {
            super(0);
        }

        @Actor
        public void allocate(III_Result r) {
            r.r1 = allocate();
        }

        @Actor
        public void free(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 6. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both, and they agree")
    @Outcome(expect = FORBIDDEN, desc = "a block not found, refused, lost or counted twice")
    @State
    public static class ActualOrder6 extends Scene {
        public ActualOrder6() {
            super(6);
        }

        @Actor
        public void allocate(III_Result r) {
            r.r1 = allocate();
        }

        @Actor
        public void free(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 7. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both, and they agree")
    @Outcome(expect = FORBIDDEN, desc = "a block not found, refused, lost or counted twice")
    @State
    public static class ActualOrder7 extends Scene {
        public ActualOrder7() {
            super(7);
        }

        @Actor
        public void allocate(III_Result r) {
            r.r1 = allocate();
        }

        @Actor
        public void free(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 8. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both, and they agree")
    @Outcome(expect = FORBIDDEN, desc = "a block not found, refused, lost or counted twice")
    @State
    public static class ActualOrder8 extends Scene {
        public ActualOrder8() {
            super(8);
        }

        @Actor
        public void allocate(III_Result r) {
            r.r1 = allocate();
        }

        @Actor
        public void free(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 9. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both, and they agree")
    @Outcome(expect = FORBIDDEN, desc = "a block not found, refused, lost or counted twice")
    @State
    public static class ActualOrder9 extends Scene {
        public ActualOrder9() {
            super(9);
        }

        @Actor
        public void allocate(III_Result r) {
            r.r1 = allocate();
        }

        @Actor
        public void free(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 10. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both, and they agree")
    @Outcome(expect = FORBIDDEN, desc = "a block not found, refused, lost or counted twice")
    @State
    public static class ActualOrder10 extends Scene {
        public ActualOrder10() {
            super(10);
        }

        @Actor
        public void allocate(III_Result r) {
            r.r1 = allocate();
        }

        @Actor
        public void free(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }
}
