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
 * A pin against a freeze that proves "nobody but me": exactly one of them wins (S3.2).
 *
 * <p>Results: whether it was frozen, whether it was pinned.
 */
final class FreezeAgainstPin {
    private FreezeAgainstPin() {}

    /** As the frame table does it: references, pins and FROZEN in one word. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "frozen; the pin was refused")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "pinned; the freeze backed off")
    @Outcome(expect = FORBIDDEN, desc = "a live pin on a frozen frame, or both refused")
    @State
    public static class Actual {
        private final FrameTable frames = new FrameTable(1);

        /** A frame with one reference. */
        public Actual() {
            frames.update(0, FrameState::allocate);
        }

        @Actor
        public void freeze(II_Result r) {
            r.r1 = frames.tryFreeze(0, 1, FrameState.BUSY_FOR_EVICTION) ? 1 : 0;
        }

        @Actor
        public void pin(II_Result r) {
            r.r2 = frames.tryPin(0) ? 1 : 0;
        }
    }

    /**
     * Pins in one word, the freeze in another, and no fence between storing one's own and loading
     * the other's: both loads pass the stores in the store buffer.
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "frozen; the pin was refused")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "pinned; the freeze backed off")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "both backed off")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "a live pin on a frozen frame")
    @State
    public static class TwoWords {
        private static final VarHandle PINS;
        private static final VarHandle FROZEN;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                PINS = lookup.findVarHandle(TwoWords.class, "pins", int.class);
                FROZEN = lookup.findVarHandle(TwoWords.class, "frozen", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        @SuppressWarnings("UnusedVariable") // Through PINS.
        private int pins;

        @SuppressWarnings("UnusedVariable") // Through FROZEN.
        private int frozen;

        @Actor
        public void freeze(II_Result r) {
            FROZEN.setOpaque(this, 1);
            r.r1 = (int) PINS.getOpaque(this) == 0 ? 1 : 0;
        }

        @Actor
        public void pin(II_Result r) {
            PINS.setOpaque(this, 1);
            r.r2 = (int) FROZEN.getOpaque(this) == 0 ? 1 : 0;
        }
    }
}
