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
 * The question of 2002: does "count 0, and marked as deferred" need a barrier? The last put of a
 * page on an LRU list meets the scan that takes the page off it: exactly one of them frees the
 * frame (S1.2, S1.5).
 *
 * <p>Results: whether the put freed it, whether the scan did.
 */
final class DeferralHandShake {
    private DeferralHandShake() {}

    /** Count, list flag and mark in one word: no barrier, because there is nothing to order. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "off the list in time: the put frees it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan frees it")
    @Outcome(expect = FORBIDDEN, desc = "freed twice, or never")
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
            r.r1 = putFrees();
        }

        @Actor
        public void scan(II_Result r) {
            if (frames.update(0, FrameState::claimLru) != FrameState.REFUSED) {
                r.r2 = putFrees();
            } else {
                r.r2 = frames.update(0, FrameState::claimDeferred) != FrameState.REFUSED ? 1 : 0;
            }
        }

        private int putFrees() {
            return FrameState.any(frames.update(0, FrameState::put), FrameState.FROZEN) ? 1 : 0;
        }
    }

    /** The count in one variable and the list flag, which decides about the mark, in another. */
    public static class TwoVariables {
        private static final VarHandle REFS;
        private static final VarHandle LISTED;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                REFS = lookup.findVarHandle(TwoVariables.class, "refs", int.class);
                LISTED = lookup.findVarHandle(TwoVariables.class, "listed", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        @SuppressWarnings({"UnusedVariable", "FieldMayBeFinal"}) // Through REFS.
        private int refs = 1;

        @SuppressWarnings({"UnusedVariable", "FieldMayBeFinal"}) // Through LISTED.
        private int listed = 1;

        final void dropLastReference() {
            REFS.setOpaque(this, 0);
        }

        final boolean isListed() {
            return (int) LISTED.getOpaque(this) == 1;
        }

        final void takeOffList() {
            LISTED.setOpaque(this, 0);
        }

        final boolean isUnreferenced() {
            return (int) REFS.getOpaque(this) == 0;
        }
    }

    /**
     * Without a barrier each side's load may pass its own store: the put still sees the page listed
     * and leaves it to the scan, the scan still sees it referenced and leaves it to the put.
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the put frees it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan frees it")
    @Outcome(
            id = "1, 1",
            expect = ACCEPTABLE,
            desc = "freed twice: wants a claim, see TwoWordsFenced")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "the frame is lost")
    @State
    public static class TwoWords extends TwoVariables {
        @Actor
        public void put(II_Result r) {
            dropLastReference();
            r.r1 = isListed() ? 0 : 1;
        }

        @Actor
        public void scan(II_Result r) {
            takeOffList();
            r.r2 = isUnreferenced() ? 1 : 0;
        }
    }

    /** A barrier on both sides loses no frame any more, but both sides may think it theirs. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the put frees it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the scan frees it")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "freed twice")
    @Outcome(expect = FORBIDDEN, desc = "lost in spite of the barriers")
    @State
    public static class TwoWordsFenced extends TwoVariables {
        @Actor
        public void put(II_Result r) {
            dropLastReference();
            VarHandle.fullFence();
            r.r1 = isListed() ? 0 : 1;
        }

        @Actor
        public void scan(II_Result r) {
            takeOffList();
            VarHandle.fullFence();
            r.r2 = isUnreferenced() ? 1 : 0;
        }
    }
}
