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
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Whoever claims a page's LRU flag knows which shard's lists it is on: the place is noted before
 * the flag is set, and read after it was claimed.
 *
 * <p>Result: 0 nothing to claim, 1 the right shard, 2 another one.
 */
final class PlaceBeforeLruFlag {
    private static final byte SHARD = 5;

    private PlaceBeforeLruFlag() {}

    private static int claim(FrameTable frames, byte[] places) {
        if (frames.update(0, FrameState::claimLru) == FrameState.REFUSED) {
            return 0;
        }
        return places[0] == SHARD ? 1 : 2;
    }

    /** As the policy does it. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "claimed, and found")
    @Outcome(expect = FORBIDDEN, desc = "looked for on the lists of another shard")
    @State
    public static class Actual {
        private final FrameTable frames = new FrameTable(1);
        private final byte[] places = new byte[1];

        /** A frame with one reference, on no list. */
        public Actual() {
            frames.update(0, FrameState::allocate);
        }

        @Actor
        public void link() {
            places[0] = SHARD;
            frames.update(0, FrameState::setLru);
        }

        @Actor
        public void claim(I_Result r) {
            r.r1 = PlaceBeforeLruFlag.claim(frames, places);
        }
    }

    /** The flag first. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "claimed, and found")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "unlinked from another shard")
    @State
    public static class FlagFirst {
        private final FrameTable frames = new FrameTable(1);
        private final byte[] places = new byte[1];

        /** A frame with one reference, on no list. */
        public FlagFirst() {
            frames.update(0, FrameState::allocate);
        }

        @Actor
        public void link() {
            frames.update(0, FrameState::setLru);
            places[0] = SHARD;
        }

        @Actor
        public void claim(I_Result r) {
            r.r1 = PlaceBeforeLruFlag.claim(frames, places);
        }
    }
}
