package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A write-back ends; whoever waited for that takes the page out and drops the last reference, and
 * the frame lives again, with somebody asleep on it. Write-back holds no reference: it may not
 * touch the frame any more (S1.9).
 *
 * <p>Results: whether the frame lives again, whether who sleeps on it will be woken.
 */
final class EndOfWritebackAgainstLastPut {
    private EndOfWritebackAgainstLastPut() {}

    /** A page under write-back that somebody waits for. */
    abstract static class UnderWriteback {
        final FrameTable frames = new FrameTable(1);

        UnderWriteback() {
            frames.update(0, FrameState::allocate);
            frames.update(0, word -> FrameState.set(word, FrameState.UPTODATE | FrameState.DIRTY));
            frames.update(0, FrameState::beginWriteback);
            frames.update(0, word -> FrameState.set(word, FrameState.WAITERS));
        }

        /**
         * If write-back is over: the last put, and the next page's life up to its first sleeper.
         */
        int putAndLiveAgain() {
            if (FrameState.any(frames.word(0), FrameState.WRITEBACK)) {
                return 0;
            }
            frames.update(0, FrameState::put);
            frames.update(0, FrameState::free);
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::lock);
            frames.update(0, word -> FrameState.set(word, FrameState.WAITERS));
            return 1;
        }

        int sleeperIsWoken() {
            return FrameState.any(frames.word(0), FrameState.WAITERS) ? 1 : 0;
        }
    }

    /** As it is: one CAS ends it, and the word that it replaced says whom to wake. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the next life is left alone")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not over yet")
    @Outcome(expect = FORBIDDEN, desc = "a sleeper of the next life is forgotten")
    @State
    public static class Actual extends UnderWriteback {
        @Actor
        public void endOfWriteback() {
            frames.replace(0, FrameState::endWriteback);
        }

        @Actor
        public void lastPut(II_Result r) {
            r.r1 = putAndLiveAgain();
        }

        @Arbiter
        public void wake(II_Result r) {
            r.r2 = sleeperIsWoken();
        }
    }

    /** WRITEBACK first, then a look whether somebody waits: by then it is another page's frame. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the next life is left alone")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not over yet")
    @Outcome(
            id = "1, 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "a sleeper of the next life is forgotten")
    @State
    public static class ClearThenLook extends UnderWriteback {
        @Actor
        public void endOfWriteback() {
            long flags = FrameState.WRITEBACK | FrameState.SHARED_EXCLUSIVE;
            frames.update(0, word -> word & ~flags);
            frames.update(0, word -> FrameState.clear(word, FrameState.WAITERS));
        }

        @Actor
        public void lastPut(II_Result r) {
            r.r1 = putAndLiveAgain();
        }

        @Arbiter
        public void wake(II_Result r) {
            r.r2 = sleeperIsWoken();
        }
    }
}
