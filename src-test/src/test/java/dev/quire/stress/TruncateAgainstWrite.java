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

import java.lang.invoke.VarHandle;

/**
 * A file is cut while a page past its new end is latched for writing: the writer sees the new size
 * and lets go, or the cut finds the latch and waits for it. Otherwise bytes would stay behind the
 * end. The same order keeps a write from a file that is being closed.
 *
 * <p>Results: whether the writer goes on, whether the cut found the latch.
 */
final class TruncateAgainstWrite {
    private TruncateAgainstWrite() {}

    /** A file of one page, cached. */
    abstract static class OnePage {
        private final FrameTable frames = new FrameTable(1);
        volatile long size = 1;

        OnePage() {
            frames.update(0, FrameState::allocate);
            frames.set(0, FrameState.UPTODATE);
        }

        final void latch() {
            frames.update(0, FrameState::beginExclusive);
        }

        final int letGo() {
            frames.update(0, FrameState::endExclusive);
            return 0;
        }

        final int look() {
            return FrameState.any(frames.word(0), FrameState.EXCLUSIVE) ? 1 : 0;
        }
    }

    /** As it is: the latch, then the size; the size, a full fence, then the latches. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "not written, or waited for")
    @Outcome(expect = FORBIDDEN, desc = "written beyond the end")
    @State
    public static class Actual extends OnePage {
        @Actor
        public void write(II_Result r) {
            latch();
            r.r1 = size > 0 ? 1 : letGo();
        }

        @Actor
        public void truncate(II_Result r) {
            size = 0;
            VarHandle.fullFence();
            r.r2 = look();
        }
    }

    /** The size is looked at before the page is latched. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "not written, or waited for")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "written beyond the end")
    @State
    public static class SizeBeforeTheLatch extends OnePage {
        @Actor
        public void write(II_Result r) {
            boolean inside = size > 0;
            latch();
            r.r1 = inside ? 1 : letGo();
        }

        @Actor
        public void truncate(II_Result r) {
            size = 0;
            VarHandle.fullFence();
            r.r2 = look();
        }
    }

    /** The cut looks for latches before it says so. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "not written, or waited for")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "written beyond the end")
    @State
    public static class LatchesBeforeTheSize extends OnePage {
        @Actor
        public void write(II_Result r) {
            latch();
            r.r1 = size > 0 ? 1 : letGo();
        }

        @Actor
        public void truncate(II_Result r) {
            r.r2 = look();
            VarHandle.fullFence();
            size = 0;
        }
    }
}
