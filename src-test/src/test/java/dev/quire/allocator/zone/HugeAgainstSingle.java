package dev.quire.allocator.zone;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A whole child is taken while a single frame of it is: one of the two gets what it wants.
 *
 * <p>Results: whether the child was taken, whether the frame was.
 */
final class HugeAgainstSingle {
    private HugeAgainstSingle() {}

    /** As the zone does it: tickets before bits. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none although all is free")
    @State
    public static class Actual {
        private final BuddyZone zone = new LockFreeBuddy(Child.FRAMES, 10, 2);

        @Actor
        public void huge(II_Result r) {
            r.r1 = zone.allocate(Child.ORDER, 0, 0) == BuddyZone.NO_FRAME ? 0 : 1;
        }

        @Actor
        public void single(II_Result r) {
            r.r2 = zone.allocate(0, 0, 1) == BuddyZone.NO_FRAME ? 0 : 1;
        }

        @Arbiter
        public void arbiter(II_Result r) {
            zone.verify();
        }
    }

    /** The bit before its ticket. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "two owners of a frame")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class BitFirst {
        private final Rows rows = new Rows(Child.FRAMES, 1);
        private final Children children = new Children(Child.FRAMES);

        @Actor
        public void huge(II_Result r) {
            r.r1 = children.takeWhole(0, Child.ORDER) ? 1 : 0;
        }

        @Actor
        public void single(II_Result r) {
            boolean free = children.free(0) > 0;
            boolean taken = free && rows.take(0, 0, 0) != BuddyZone.NO_FRAME;
            children.take(0, 1);
            r.r2 = taken ? 1 : 0;
        }
    }
}
