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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A snapshot is taken while a page is written for the first time: the writer's latch is seen, and
 * no snapshot is taken at this moment; or the writer sees that one is taken, and turns back, or
 * that one was, and keeps what the page held.
 *
 * <p>Results: what the page held when the snapshot was taken, and what the snapshot shows of it in
 * the end; -1 when none was taken.
 */
final class FirstWriteAgainstSnapshot {
    private FirstWriteAgainstSnapshot() {}

    /** A page of one number, 0, in frame 0. */
    abstract static class Page {
        private static final int NOTHING = 0;
        private static final int BEGUN = 1;
        private static final int TAKEN = 2;
        private static final int NO_IMAGE = -1;
        private static final VarHandle EPOCH;

        static {
            try {
                EPOCH = MethodHandles.lookup().findVarHandle(Page.class, "epoch", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final FrameTable frames = new FrameTable(1);

        @SuppressWarnings("UnusedVariable") // through EPOCH
        private volatile int epoch = NOTHING;

        private int number;
        private int image = NO_IMAGE;

        Page() {
            frames.update(0, FrameState::allocate);
            frames.update(0, word -> FrameState.set(word, FrameState.UPTODATE));
        }

        /** Latch by a full CAS, then the epoch, then the image, then the store. */
        void write() {
            frames.update(0, FrameState::beginExclusive);
            int seen = (int) EPOCH.getVolatile(this);
            if (seen != BEGUN) {
                if (seen == TAKEN) {
                    image = number;
                }
                number = 1;
            }
            frames.update(0, FrameState::endExclusive);
        }

        void begin() {
            EPOCH.setVolatile(this, BEGUN);
        }

        void beginWeakly() {
            EPOCH.setOpaque(this, BEGUN);
        }

        int takeUnlessLatched() {
            if (FrameState.any(frames.word(0), FrameState.EXCLUSIVE)) {
                EPOCH.setVolatile(this, NOTHING);
                return -1;
            }
            int then = number;
            EPOCH.setVolatile(this, TAKEN);
            return then;
        }

        int shown() {
            return (int) EPOCH.getVolatile(this) != TAKEN ? -1 : image != NO_IMAGE ? image : number;
        }
    }

    /** As it is: the epoch, a full fence, then the frame words. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1", "-1, -1"},
            expect = ACCEPTABLE,
            desc = "the snapshot does not change")
    @Outcome(expect = FORBIDDEN, desc = "a write got into the snapshot")
    @State
    public static class Actual extends Page {
        @Actor
        public void writer() {
            write();
        }

        @Actor
        public void taker(II_Result r) {
            begin();
            VarHandle.fullFence();
            r.r1 = takeUnlessLatched();
        }

        @Arbiter
        public void look(II_Result r) {
            r.r2 = shown();
        }
    }

    /** Without the fence: the frame word may be read before others see the epoch. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1", "-1, -1"},
            expect = ACCEPTABLE,
            desc = "the snapshot does not change")
    @Outcome(id = "0, 1", expect = ACCEPTABLE_INTERESTING, desc = "a write got into the snapshot")
    @State
    public static class WithoutFence extends Page {
        @Actor
        public void writer() {
            write();
        }

        @Actor
        public void taker(II_Result r) {
            beginWeakly();
            r.r1 = takeUnlessLatched();
        }

        @Arbiter
        public void look(II_Result r) {
            r.r2 = shown();
        }
    }
}
