package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.lang.foreign.Arena;

/**
 * A page is looked up and pinned while it is evicted and its frame goes to another page: who holds
 * the pin holds the page that he asked for, or nothing.
 *
 * <p>The result is 1 for the page, 2 for the other one, 0 for nothing.
 */
final class LookupAgainstRemoval {
    private LookupAgainstRemoval() {}

    /** One frame; page 0 is in it, page 1 is not. */
    abstract static class OneFrame {
        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private final FrameTable frames = new FrameTable(1);

        OneFrame() {
            frames.update(0, FrameState::allocate);
            frames.own(0, 1, 0);
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, 1));
        }

        /** Reclaim, then a fault of page 1. */
        void evictAndReuse() {
            if (!frames.tryFreeze(0, 1, FrameState.BUSY_FOR_EVICTION)) {
                return;
            }
            chunk.publish(0, Slot.shadow(1));
            frames.update(0, FrameState::free);
            frames.update(0, FrameState::allocate);
            frames.own(0, 1, 1);
            chunk.insert(1, Slot.ABSENT, Slot.readable(0, 2));
        }

        int pinPage0(boolean lookAgain) {
            long slot = chunk.slot(0);
            if (!Slot.isResident(slot) || frames.update(0, FrameState::pin) == FrameState.REFUSED) {
                return 0;
            }
            if (lookAgain && !Slot.names(chunk.slot(0), 0)) {
                frames.update(0, FrameState::unpin);
                return 0;
            }
            return 1 + (int) frames.page(0);
        }
    }

    /** As it is: the slot is read again after the pin is taken. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "it is gone: a fault brings it back")
    @Outcome(expect = FORBIDDEN, desc = "another page was pinned")
    @State
    public static class Actual extends OneFrame {
        @Actor
        public void evict() {
            evictAndReuse();
        }

        @Actor
        public void lookup(I_Result r) {
            r.r1 = pinPage0(true);
        }
    }

    /** The pin proves that there is a frame, not whose it is. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "it is gone: a fault brings it back")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "another page was pinned")
    @State
    public static class WithoutASecondLook extends OneFrame {
        @Actor
        public void evict() {
            evictAndReuse();
        }

        @Actor
        public void lookup(I_Result r) {
            r.r1 = pinPage0(false);
        }
    }
}
