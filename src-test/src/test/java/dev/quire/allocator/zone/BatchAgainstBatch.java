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
 * Two threads take batches of one row, which has not enough for both: together they get what there
 * is, and no frame twice.
 *
 * <p>Results: how many frames they got together, how many of those are different.
 */
final class BatchAgainstBatch {
    private BatchAgainstBatch() {}

    private static final int FREE = 40;
    private static final int BATCH = 24;

    public abstract static class Scene {
        private final int[] first = new int[BATCH];
        private final int[] second = new int[BATCH];
        private int firstCount;
        private int secondCount;

        abstract int take(int[] frames, int stripe);

        void first() {
            firstCount = take(first, 0);
        }

        void second() {
            secondCount = take(second, 1);
        }

        void look(II_Result r) {
            long frames = 0;
            for (int i = 0; i < firstCount; i++) {
                frames |= 1L << first[i];
            }
            for (int i = 0; i < secondCount; i++) {
                frames |= 1L << second[i];
            }
            r.r1 = firstCount + secondCount;
            r.r2 = Long.bitCount(frames);
        }
    }

    /** As the zone does it. */
    @JCStressTest
    @Outcome(id = "40, 40", expect = ACCEPTABLE, desc = "all, each once")
    @Outcome(expect = FORBIDDEN, desc = "a frame not found, or given twice")
    @State
    public static class Actual extends Scene {
        private final BuddyZone zone = new LockFreeBuddy(FREE, 10, 2);

        @Override
        int take(int[] frames, int stripe) {
            return zone.allocateBatch(frames, 0, BATCH, 0, stripe);
        }

        @Actor
        public void one() {
            first();
        }

        @Actor
        public void two() {
            second();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            look(r);
            zone.verify();
        }
    }

    /** Looks at the row and stores it. */
    @JCStressTest
    @Outcome(id = "40, 40", expect = ACCEPTABLE, desc = "all, each once")
    @Outcome(id = "4., ..", expect = ACCEPTABLE_INTERESTING, desc = "a frame given twice")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class StoredRow extends Scene {
        private final Rows rows =
                new Rows(FREE, 1) {
                    @Override
                    boolean cas(int row, long seen, long next) {
                        set(row, next);
                        return true;
                    }
                };

        @Override
        int take(int[] frames, int stripe) {
            return rows.takeSingles(0, frames, 0, BATCH);
        }

        @Actor
        public void one() {
            first();
        }

        @Actor
        public void two() {
            second();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            look(r);
        }
    }
}
