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
 * Two allocations of several rows that overlap: one gets its block, and the other one, which may
 * have taken a row already, gives that back and fails. A published implementation of this mechanism
 * gives the row back and succeeds.
 *
 * <p>There are enough other frames for the tickets of both, so that it is for the rows to decide.
 * Results: frames given to two owners, frames lost.
 */
final class OverlappingRows {
    private OverlappingRows() {}

    private static final int CHILD_ROWS = 8;

    /** Four rows free, and half of each other row. */
    public abstract static class Scene {
        final Rows rows = new Rows(Child.FRAMES, 1);
        private int large = BuddyZone.NO_FRAME;
        private int small = BuddyZone.NO_FRAME;

        Scene() {
            for (int row = CHILD_ROWS / 2; row < CHILD_ROWS; row++) {
                rows.cas(row, Row.ALL_FREE, 0x5555_5555_5555_5555L);
            }
        }

        abstract int takeLarge();

        void large() {
            large = takeLarge();
        }

        void small() {
            small = rows.take(0, 0, 7);
        }

        void look(II_Result r) {
            boolean overlap = large != BuddyZone.NO_FRAME && small != BuddyZone.NO_FRAME;
            int taken =
                    (large == BuddyZone.NO_FRAME ? 0 : 256)
                            + (small == BuddyZone.NO_FRAME ? 0 : 128);
            r.r1 = overlap ? 128 : 0;
            r.r2 = 256 + 128 - taken - rows.free(0) + r.r1;
        }
    }

    /** As the zone does it. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "one of them, or none")
    @Outcome(expect = FORBIDDEN, desc = "two owners of a frame, or a frame lost")
    @State
    public static class Actual extends Scene {
        @Override
        int takeLarge() {
            return rows.take(0, 0, 8);
        }

        @Actor
        public void first() {
            large();
        }

        @Actor
        public void second() {
            small();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            look(r);
        }
    }

    /** Fails without giving the rows back that it has. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "one of them, or none")
    @Outcome(
            id = {"0, 64", "0, 128", "0, 192"},
            expect = ACCEPTABLE_INTERESTING,
            desc = "frames lost")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class NoUndo extends Scene {
        @Override
        int takeLarge() {
            if (!rows.allFree(0, CHILD_ROWS / 2)) {
                return BuddyZone.NO_FRAME;
            }
            for (int row = 0; row < CHILD_ROWS / 2; row++) {
                if (!rows.cas(row, Row.ALL_FREE, Row.NONE_FREE)) {
                    return BuddyZone.NO_FRAME;
                }
            }
            return 0;
        }

        @Actor
        public void first() {
            large();
        }

        @Actor
        public void second() {
            small();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            look(r);
        }
    }

    /** Gives the rows back that it has, and says that it has them all. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "one of them, or none")
    @Outcome(id = "128, .*", expect = ACCEPTABLE_INTERESTING, desc = "two owners")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class SuccessAfterUndo extends Scene {
        @Override
        int takeLarge() {
            boolean looked = rows.allFree(0, CHILD_ROWS / 2);
            return rows.take(0, 0, 8) == BuddyZone.NO_FRAME && !looked ? BuddyZone.NO_FRAME : 0;
        }

        @Actor
        public void first() {
            large();
        }

        @Actor
        public void second() {
            small();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            look(r);
        }
    }
}
