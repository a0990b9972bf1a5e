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
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A page is written under its latch while it moves to another frame (S3.5): whoever got the latch
 * finds what he wrote in the frame that the slot names afterwards.
 *
 * <p>Results: whether it was written; what the page holds, 42 before the write and 43 after it.
 */
final class WriteAgainstRelocation {
    private WriteAgainstRelocation() {}

    /** A page, and a writer of it. */
    abstract static class Written extends MovingPage {
        private int written;

        void writePage() {
            int frame = Slot.frame(chunk.slot(0));
            if (frames.update(frame, FrameState::beginExclusive) == FrameState.REFUSED) {
                return;
            }
            boolean there = Slot.names(chunk.slot(0), frame);
            if (there) {
                chunk.beginStores(0);
                bytes[frame] = 43;
                written = 1;
                chunk.publish(0, Slot.readable(frame, frames.nextVersion(frame)));
            }
            frames.update(frame, there ? FrameState::endExclusiveDirty : FrameState::endExclusive);
        }

        void outcome(II_Result r) {
            r.r1 = written;
            r.r2 = bytes[Slot.frame(chunk.slot(0))];
        }
    }

    /** As it is: frozen first, then copied. */
    @JCStressTest
    @Outcome(
            id = {"0, 42", "1, 43"},
            expect = ACCEPTABLE,
            desc = "the page holds what was written, if anything was")
    @Outcome(expect = FORBIDDEN, desc = "a write was lost")
    @State
    public static class Actual extends Written {
        @Actor
        public void write() {
            writePage();
        }

        @Actor
        public void move() {
            if (begin() && freeze()) {
                copy();
                switchSlot();
            }
        }

        @Arbiter
        public void look(II_Result r) {
            outcome(r);
        }
    }

    /** Linux's order, which is sound there because a writer has the page locked. */
    @JCStressTest
    @Outcome(
            id = {"0, 42", "1, 43"},
            expect = ACCEPTABLE,
            desc = "the page holds what was written, if anything was")
    @Outcome(id = "1, 42", expect = ACCEPTABLE_INTERESTING, desc = "a write was lost")
    @State
    public static class CopyBeforeFreeze extends Written {
        @Actor
        public void write() {
            writePage();
        }

        @Actor
        public void move() {
            if (begin()) {
                copy();
                if (freeze()) {
                    switchSlot();
                }
            }
        }

        @Arbiter
        public void look(II_Result r) {
            outcome(r);
        }
    }
}
