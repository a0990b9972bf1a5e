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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread that holds a latch of another file latches a page of one of which a snapshot is being
 * taken: it may get on, because who holds a latch is never stopped, and must then be seen by who
 * takes the snapshot, though he may have looked at this page already.
 *
 * <p>Results: whether the thread kept its latch, whether the snapshot was taken all the same.
 */
final class PassAgainstSeal {
    private PassAgainstSeal() {}

    /** A page in frame 0; a snapshot has begun. */
    abstract static class Begun {
        private static final int BEGUN = 1;
        private static final int SEALED = 2;
        private static final VarHandle EPOCH;

        static {
            try {
                EPOCH = MethodHandles.lookup().findVarHandle(Begun.class, "epoch", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final FrameTable frames = new FrameTable(1);
        private final AtomicInteger passes = new AtomicInteger();

        @SuppressWarnings("UnusedVariable") // through EPOCH
        private volatile int epoch = BEGUN;

        Begun() {
            frames.update(0, FrameState::allocate);
            frames.update(0, word -> FrameState.set(word, FrameState.UPTODATE));
        }

        private boolean begun() {
            return (int) EPOCH.getVolatile(this) == BEGUN;
        }

        /** Latch by a full CAS, the epoch, the passes by a full RMW, the epoch again. */
        int latch(boolean looksAgain) {
            frames.update(0, FrameState::beginExclusive);
            if (begun()) {
                passes.getAndIncrement();
                if (!looksAgain || begun()) {
                    return 1;
                }
            }
            frames.update(0, FrameState::endExclusive);
            return 0;
        }

        /** The passes, the frame words, SEALED, a full fence, the passes. */
        int take(boolean fenced) {
            int passed = passes.get();
            if (FrameState.any(frames.word(0), FrameState.EXCLUSIVE)) {
                return 0;
            }
            if (fenced) {
                EPOCH.setVolatile(this, SEALED);
                VarHandle.fullFence();
            } else {
                EPOCH.setOpaque(this, SEALED);
            }
            return passed == passes.get() ? 1 : 0;
        }
    }

    /** As it is. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "taken while somebody holds a latch")
    @State
    public static class Actual extends Begun {
        @Actor
        public void writer(II_Result r) {
            r.r1 = latch(true);
        }

        @Actor
        public void taker(II_Result r) {
            r.r2 = take(true);
        }
    }

    /** The writer is counted after the last look, and does not look again himself. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(
            id = "1, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "taken while somebody holds a latch")
    @State
    public static class LooksOnce extends Begun {
        @Actor
        public void writer(II_Result r) {
            r.r1 = latch(false);
        }

        @Actor
        public void taker(II_Result r) {
            r.r2 = take(true);
        }
    }

    /** Without the fence: the passes may be read before others see the seal. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "one of them")
    @Outcome(
            id = "1, 1",
            expect = ACCEPTABLE_INTERESTING,
            desc = "taken while somebody holds a latch")
    @State
    public static class SealWithoutFence extends Begun {
        @Actor
        public void writer(II_Result r) {
            r.r1 = latch(true);
        }

        @Actor
        public void taker(II_Result r) {
            r.r2 = take(false);
        }
    }
}
