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

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The last put of a page that is on an LRU list, against a scan of that list: exactly one of them
 * unlinks the page, and it is freed once or goes on living (S1.2, S1.3, S1.5).
 *
 * <p>First result: 0 the put was not the last, 1 it froze the frame, 2 it deferred the frame and
 * then drained it, 3 it deferred the frame and somebody else had drained it. Second result: 0 the
 * scan got nothing, 1 it claimed a live frame, 2 it claimed a deferred one.
 */
final class ClaimLruAgainstDeferredPut {
    private ClaimLruAgainstDeferredPut() {}

    /** As the frame table does it: the flag and the count in one word. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan keeps it alive")
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "deferred, and drained by the putter")
    @Outcome(id = "3, 2", expect = ACCEPTABLE, desc = "deferred, and claimed by the scan")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none")
    @State
    public static class Actual {
        private final FrameTable frames = new FrameTable(1);

        /** A frame with one reference, on a list. */
        public Actual() {
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::setLru);
        }

        @Actor
        public void put(II_Result r) {
            long word = frames.update(0, FrameState::put);
            if (!FrameState.reachedZero(word)) {
                r.r1 = 0;
            } else if (FrameState.any(word, FrameState.FROZEN)) {
                r.r1 = 1;
            } else {
                r.r1 = claimed(FrameState.REFUSED != frames.update(0, FrameState::claimDeferred));
            }
        }

        private static int claimed(boolean mine) {
            return mine ? 2 : 3;
        }

        @Actor
        public void scan(II_Result r) {
            if (frames.update(0, FrameState::claimLru) != FrameState.REFUSED) {
                r.r2 = 1;
            } else {
                long word = frames.update(0, FrameState::claimDeferred);
                r.r2 = word == FrameState.REFUSED ? 0 : 2;
            }
        }
    }

    /** The flag beside the count: the scan looks at one, then takes the other. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan keeps it alive")
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "freed by the putter")
    @Outcome(
            id = {"1, 1", "3, 1"},
            expect = ACCEPTABLE_INTERESTING,
            desc = "the scan holds a frame that was freed")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class TwoWords {
        private final AtomicInteger refs = new AtomicInteger(1);
        private final AtomicInteger lru = new AtomicInteger(1);

        @Actor
        public void put(II_Result r) {
            if (refs.getAndDecrement() != 1) {
                r.r1 = 0;
            } else if (lru.get() == 0) {
                r.r1 = 1;
            } else {
                r.r1 = lru.getAndSet(0) == 1 ? 2 : 3;
            }
        }

        @Actor
        public void scan(II_Result r) {
            if (refs.get() > 0 && lru.getAndSet(0) == 1) {
                refs.getAndIncrement();
                r.r2 = 1;
            } else {
                r.r2 = 0;
            }
        }
    }
}
