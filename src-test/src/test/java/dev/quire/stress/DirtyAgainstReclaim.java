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
import org.openjdk.jcstress.infra.results.II_Result;

import java.lang.foreign.Arena;

/**
 * A writer dirties a clean page and lets go of it while reclaim takes the page: it is written, or
 * it is evicted, never both (S4.10).
 *
 * <p>Results: whether it was written, whether it was evicted.
 */
final class DirtyAgainstReclaim {
    private DirtyAgainstReclaim() {}

    /**
     * A clean page in frame 0, isolated by reclaim: one reference is the cache's, one reclaim's.
     */
    abstract static class CleanPage {
        final FrameTable frames = new FrameTable(1);
        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));

        CleanPage() {
            frames.update(0, FrameState::allocate);
            frames.update(0, word -> FrameState.set(word, FrameState.UPTODATE));
            frames.update(0, FrameState::get);
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, 1));
        }

        int writePage() {
            if (frames.update(0, FrameState::beginExclusive) == FrameState.REFUSED) {
                return 0;
            }
            boolean there = Slot.names(chunk.slot(0), 0);
            frames.update(0, there ? FrameState::endExclusiveDirty : FrameState::endExclusive);
            return there ? 1 : 0;
        }

        int evict(long refused) {
            if (!frames.tryFreeze(0, 2, refused)) {
                return 0;
            }
            chunk.publish(0, Slot.shadow(1));
            return 1;
        }
    }

    /** As it is: one CAS proves that nobody else has the page, and that it is clean. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "written or evicted, or in each other's way")
    @Outcome(expect = FORBIDDEN, desc = "a write was lost")
    @State
    public static class Actual extends CleanPage {
        @Actor
        public void write(II_Result r) {
            r.r1 = writePage();
        }

        @Actor
        public void reclaim(II_Result r) {
            r.r2 = evict(FrameState.BUSY_FOR_EVICTION);
        }
    }

    /** DIRTY is looked at first, and the freeze proves only that nobody else has the page. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "written or evicted, or in each other's way")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "a write was lost")
    @State
    public static class LookThenFreeze extends CleanPage {
        @Actor
        public void write(II_Result r) {
            r.r1 = writePage();
        }

        @Actor
        public void reclaim(II_Result r) {
            boolean dirty = FrameState.any(frames.word(0), FrameState.DIRTY);
            r.r2 = dirty ? 0 : evict(FrameState.BUSY_FOR_REMOVAL);
        }
    }
}
