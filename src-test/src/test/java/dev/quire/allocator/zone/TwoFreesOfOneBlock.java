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
 * Two threads free the same block: one of them is refused, and the frames are counted once.
 *
 * <p>Results: whether each was accepted, and whether the levels agree afterwards.
 */
final class TwoFreesOfOneBlock {
    private TwoFreesOfOneBlock() {}

    /** A block that is handed out. */
    public abstract static class Scene {
        private final int order;
        private final BuddyZone zone = new LockFreeBuddy(1024, 10, 2);
        private final int head;

        Scene(int order) {
            this.order = order;
            head = zone.allocate(order, 0, 0);
        }

        int free() {
            return zone.free(head, order) ? 1 : 0;
        }

        int agrees() {
            zone.verify();
            return zone.freeFrames() == zone.frameCount() ? 1 : 0;
        }
    }

    /** Order 0. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(expect = FORBIDDEN, desc = "none, both, or the levels disagree")
    @State
    public static class ActualOrder0 extends Scene {
        public ActualOrder0() {
            super(0);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = free();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 8. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(expect = FORBIDDEN, desc = "none, both, or the levels disagree")
    @State
    public static class ActualOrder8 extends Scene {
        public ActualOrder8() {
            super(8);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = free();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }

    /** Order 9. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(expect = FORBIDDEN, desc = "none, both, or the levels disagree")
    @State
    public static class ActualOrder9 extends Scene {
        public ActualOrder9() {
            super(9);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = free();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = free();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r3 = agrees();
        }
    }
}
