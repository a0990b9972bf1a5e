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
 * A page that holds 42 is evicted, its frame goes to a page that holds 7 and back to the first one:
 * 42, 7, 42 in one frame, and the slot names the same frame before and after. A reader of the first
 * page never takes 7 for valid.
 *
 * <p>The result is what was read, or -1 when the read has to be repeated.
 */
final class OptimisticReadAgainstReuse {
    private OptimisticReadAgainstReuse() {}

    /** One frame; page 0 is in it, page 1 is not. */
    abstract static class OneFrame {
        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private final FrameTable frames = new FrameTable(1);
        private long bytes = 42;

        OneFrame() {
            frames.update(0, FrameState::allocate);
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, version()));
        }

        abstract int version();

        int nextVersion() {
            return frames.nextVersion(0);
        }

        /** Reclaim's order: frozen, out of the slot, free. */
        private void evict(int page) {
            frames.tryFreeze(0, 1, FrameState.BUSY_FOR_EVICTION);
            chunk.publish(page, Slot.shadow(1));
            frames.update(0, FrameState::free);
        }

        /** A fault's order: allocated, in its slot, filled, readable. */
        private void fill(int page, long content) {
            frames.update(0, FrameState::allocate);
            int version = version();
            chunk.insert(page, chunk.slot(page), Slot.busy(0, version));
            bytes = content;
            chunk.publish(page, Slot.readable(0, version));
        }

        void reuse() {
            evict(0);
            fill(1, 7);
            evict(1);
            fill(0, 42);
        }

        /** Slowly, as one who reads a whole page: the frame goes and comes back meanwhile. */
        int readPage0() {
            long seen = chunk.slot(0);
            dwell();
            int found = (int) bytes;
            dwell();
            return Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    private static void dwell() {
        for (int i = 0; i < 8; i++) {
            Thread.onSpinWait();
        }
    }

    /** As it is: each content of a frame has its own version. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = FORBIDDEN, desc = "another page's bytes were validated")
    @State
    public static class Actual extends OneFrame {
        @Override
        int version() {
            return nextVersion();
        }

        @Actor
        public void reuseFrame() {
            reuse();
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage0();
        }
    }

    /** The slot says only which frame. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(id = "7", expect = ACCEPTABLE_INTERESTING, desc = "another page's bytes, validated")
    @State
    public static class WithoutVersion extends OneFrame {
        @Override
        int version() {
            return 1;
        }

        @Actor
        public void reuseFrame() {
            reuse();
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage0();
        }
    }
}
