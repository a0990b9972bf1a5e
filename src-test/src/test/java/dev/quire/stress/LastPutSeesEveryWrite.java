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

/**
 * Two owners write, then put. Exactly one reaches 0, and it sees what the other wrote (S0.4).
 *
 * <p>Each result is what its actor read of the other's bytes after reaching 0, or -1.
 */
final class LastPutSeesEveryWrite {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private LastPutSeesEveryWrite() {}

    /** As the frame table does it: one full CAS. */
    @JCStressTest
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "first is last and sees the write")
    @Outcome(id = "-1, 1", expect = ACCEPTABLE, desc = "second is last and sees the write")
    @Outcome(expect = FORBIDDEN, desc = "a write was missed, or nobody or both reached 0")
    @State
    public static class Actual {
        private final FrameTable frames = new FrameTable(1);
        private int first;
        private int second;

        /** A frame with two references. */
        public Actual() {
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::get);
        }

        @Actor
        public void first(II_Result r) {
            first = 1;
            r.r1 = reachedZero() ? second : -1;
        }

        @Actor
        public void second(II_Result r) {
            second = 1;
            r.r2 = reachedZero() ? first : -1;
        }

        private boolean reachedZero() {
            return FrameState.reachedZero(frames.update(0, FrameState::put));
        }
    }

    /** A load and a store instead of a CAS: both puts go from 2 to 1 and nobody frees the frame. */
    @JCStressTest
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "first is last and sees the write")
    @Outcome(id = "-1, 1", expect = ACCEPTABLE, desc = "second is last and sees the write")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE_INTERESTING, desc = "nobody frees the frame")
    @Outcome(
            id = {"0, -1", "-1, 0"},
            expect = ACCEPTABLE_INTERESTING,
            desc = "a write was missed")
    @State
    public static class LoadThenStore {
        private final long[] words = {2};
        private int first;
        private int second;

        @Actor
        public void first(II_Result r) {
            first = 1;
            r.r1 = reachedZero() ? second : -1;
        }

        @Actor
        public void second(II_Result r) {
            second = 1;
            r.r2 = reachedZero() ? first : -1;
        }

        private boolean reachedZero() {
            long next = FrameState.put((long) WORDS.getOpaque(words, 0));
            WORDS.setOpaque(words, 0, next);
            return FrameState.reachedZero(next);
        }
    }

    /**
     * A CAS that orders nothing. On x86 this twin does not fail: {@code lock cmpxchg} is a full
     * barrier whatever was asked for, so that only the compiler could move the plain store below
     * it, and HotSpot keeps it above. On AArch64 the CAS becomes {@code cas} or {@code ldxr/stxr}
     * without acquire and release, the store may become visible after the put, and the last owner
     * reads 0.
     */
    @JCStressTest
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "first is last and sees the write")
    @Outcome(id = "-1, 1", expect = ACCEPTABLE, desc = "second is last and sees the write")
    @Outcome(
            id = {"0, -1", "-1, 0"},
            expect = ACCEPTABLE_INTERESTING,
            desc = "a write was missed")
    @Outcome(expect = FORBIDDEN, desc = "nobody or both reached 0")
    @State
    public static class PlainCas {
        private final long[] words = {2};
        private int first;
        private int second;

        @Actor
        public void first(II_Result r) {
            first = 1;
            r.r1 = reachedZero() ? second : -1;
        }

        @Actor
        public void second(II_Result r) {
            second = 1;
            r.r2 = reachedZero() ? first : -1;
        }

        private boolean reachedZero() {
            while (true) { // ends: at most one other put can get in between
                long seen = (long) WORDS.getOpaque(words, 0);
                long next = FrameState.put(seen);
                if (WORDS.weakCompareAndSetPlain(words, 0, seen, next)) {
                    return FrameState.reachedZero(next);
                }
            }
        }
    }
}
