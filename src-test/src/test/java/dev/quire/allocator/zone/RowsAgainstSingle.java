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
 * A block of four rows is allocated while a single frame is, of the same rows: the single frame is
 * always found, and lies outside the block if that is as well.
 *
 * <p>Results: whether the single frame was found, whether the two overlap, and whether the levels
 * agree afterwards.
 */
final class RowsAgainstSingle {
    private RowsAgainstSingle() {}

    /** As the zone does it; the weaker twins are those of OverlappingRows. */
    @JCStressTest
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "disjoint, nothing lost")
    @Outcome(expect = FORBIDDEN, desc = "not found, two owners, or the levels disagree")
    @State
    public static class Actual {
        private final BuddyZone zone = new LockFreeBuddy(512, 10, 2);
        private int block;
        private int single;

        /** Four rows free, and one more frame: tickets for both. */
        public Actual() {
            int free = zone.allocate(8, 0, 0);
            int other = zone.allocate(8, 0, 0);
            zone.free(free, 8);
            zone.free(other + 17, 0);
        }

        @Actor
        public void block() {
            block = zone.allocate(8, 0, 0);
        }

        @Actor
        public void single(III_Result r) {
            single = zone.allocate(0, 0, 1);
            r.r1 = single == BuddyZone.NO_FRAME ? 0 : 1;
        }

        @Arbiter
        public void arbiter(III_Result r) {
            boolean given = block != BuddyZone.NO_FRAME;
            r.r2 = given && single >= block && single < block + 256 ? 1 : 0;
            zone.verify();
            r.r3 = zone.freeFrames() == (given ? 0 : 256) ? 1 : 0;
        }
    }
}
