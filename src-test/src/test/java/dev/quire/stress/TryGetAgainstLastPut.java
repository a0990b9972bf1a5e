package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A scan's tryGet against the last put: either it was freed, or the scan owns it; and a count that
 * is 0 is never seen raised (S0.1, S1.2).
 *
 * <p>First result: 0 the put was not the last, 1 it was and the count stays 0, 2 it was and the
 * count was seen raised afterwards. Second result: whether tryGet got it.
 */
final class TryGetAgainstLastPut {
    private TryGetAgainstLastPut() {}

    /** As the frame table does it: refused at 0, within the CAS. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "freed; the scan was refused")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan owns it")
    @Outcome(expect = FORBIDDEN, desc = "freed and owned, or raised from 0, or lost")
    @State
    public static class Actual {
        private final FrameTable frames = new FrameTable(1);

        /** A frame with one reference. */
        public Actual() {
            frames.update(0, FrameState::allocate);
        }

        @Actor
        public void put(II_Result r) {
            boolean last = FrameState.reachedZero(frames.update(0, FrameState::put));
            r.r1 = !last ? 0 : FrameState.refs(frames.word(0)) == 0 ? 1 : 2;
        }

        @Actor
        public void scan(II_Result r) {
            r.r2 = frames.tryGet(0) ? 1 : 0;
        }
    }

    /** A blind add, taken back when it turns out to have started from 0. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "freed; the scan was refused")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan owns it")
    @Outcome(id = "2, 0", expect = ACCEPTABLE_INTERESTING, desc = "raised from 0 for a moment")
    @Outcome(expect = FORBIDDEN, desc = "freed and owned, or lost")
    @State
    public static class BlindAdd {
        private final AtomicLong refs = new AtomicLong(1);

        @Actor
        public void put(II_Result r) {
            boolean last = refs.getAndDecrement() == 1;
            r.r1 = !last ? 0 : refs.get() == 0 ? 1 : 2;
        }

        @Actor
        public void scan(II_Result r) {
            boolean alive = refs.getAndIncrement() > 0;
            if (!alive) {
                refs.getAndDecrement();
            }
            r.r2 = alive ? 1 : 0;
        }
    }
}
