package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A page is pinned while it moves to another frame (S3.2): the pin holds the frame that the slot
 * names afterwards, or there is no pin.
 *
 * <p>The result is 0 for no pin, 1 for a pin of the page's frame, 2 for one of the frame that the
 * page has left.
 */
final class PinAgainstRelocation {
    private PinAgainstRelocation() {}

    /** A page, and what became of a pin of it. */
    abstract static class Pinned extends MovingPage {
        private int pinned = -1;

        void pinPage() {
            int frame = Slot.frame(chunk.slot(0));
            if (frames.update(frame, FrameState::pin) == FrameState.REFUSED) {
                return;
            }
            if (Slot.names(chunk.slot(0), frame)) {
                pinned = frame;
            } else {
                frames.update(frame, FrameState::unpin);
            }
        }

        int outcome() {
            return pinned < 0 ? 0 : Slot.names(chunk.slot(0), pinned) ? 1 : 2;
        }
    }

    /** As it is: one CAS proves that there is no pin, and lets none begin. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "no pin: the page is looked up again")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page's frame is pinned")
    @Outcome(expect = FORBIDDEN, desc = "a frame is pinned that is no longer the page's")
    @State
    public static class Actual extends Pinned {
        @Actor
        public void pin() {
            pinPage();
        }

        @Actor
        public void move() {
            if (begin() && freeze()) {
                copy();
                switchSlot();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = outcome();
        }
    }

    /** Checks that there is no pin, then switches: the order of KSM's first version. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "no pin: the page is looked up again")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page's frame is pinned")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "the old frame is pinned")
    @State
    public static class CheckThenSwitch extends Pinned {
        @Actor
        public void pin() {
            pinPage();
        }

        @Actor
        public void move() {
            if (begin() && FrameState.refs(frames.word(0)) == 2) {
                copy();
                switchSlot();
            }
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = outcome();
        }
    }
}
