package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.lang.foreign.Arena;

/**
 * Two threads miss the same page, each with a frame for it: one brings it in, the other finds it
 * there. Two frames for one page would lose every write to one of them.
 *
 * <p>Results: whether the first won, whether the second did, how many slots the chunk counts.
 */
final class TwoFaulters {
    private TwoFaulters() {}

    /** As it is: the slot is taken by CAS. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or miscounted")
    @State
    public static class Actual {
        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));

        @Actor
        public void first(III_Result r) {
            r.r1 = chunk.insert(0, Slot.ABSENT, Slot.busy(1, 1)) ? 1 : 0;
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = chunk.insert(0, Slot.ABSENT, Slot.busy(2, 1)) ? 1 : 0;
        }

        @Arbiter
        public void count(III_Result r) {
            r.r3 = chunk.live();
        }
    }

    /** Each looks whether the page is there, and puts it there if it is not. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE_INTERESTING, desc = "two frames for one page")
    @State
    public static class LookThenStore {
        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));

        @Actor
        public void first(III_Result r) {
            r.r1 = lookThenStore(Slot.busy(1, 1));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = lookThenStore(Slot.busy(2, 1));
        }

        private int lookThenStore(long slot) {
            if (Slot.isResident(chunk.slot(0))) {
                return 0;
            }
            chunk.publish(0, slot);
            return 1;
        }

        @Arbiter
        public void count(III_Result r) {
            r.r3 = Slot.isResident(chunk.slot(0)) ? 1 : 0;
        }
    }
}
