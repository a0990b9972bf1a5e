package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.PrivateData;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.lang.foreign.Arena;

/**
 * Who has a page pinned attaches private data to it while the page is removed: either the removal
 * is told of the data, or the attach is refused. Otherwise the engine waits for a {@code freePage}
 * that never comes (S4.1).
 *
 * <p>Results: whether the attach succeeded; what the removal told.
 */
final class AttachPrivateAgainstRemoval {
    private static final long DATA = 7;

    private AttachPrivateAgainstRemoval() {}

    /** A page in frame 0: one reference is the cache's, one pin the engine's. */
    abstract static class PinnedPage {
        private static final long SLOT = Slot.readable(0, 1);

        private final FrameTable frames = new FrameTable(1);
        private final PrivateData privates = new PrivateData(frames);
        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));

        PinnedPage() {
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::pin);
            chunk.insert(0, Slot.ABSENT, SLOT);
        }

        /** The flag by CAS, then the slot: as a cursor does it. */
        int attachThenLook() {
            boolean refused =
                    !privates.attach(0, DATA)
                            || (!Slot.names(chunk.slot(0), 0) && privates.detach(0, DATA));
            return refused ? 0 : 1;
        }

        int lookThenAttach() {
            return Slot.names(chunk.slot(0), 0) && privates.attach(0, DATA) ? 1 : 0;
        }

        /** The slot by CAS, then the flag. */
        int removePage0() {
            chunk.clear(0, SLOT);
            return (int) privates.take(0);
        }
    }

    /** As it is: the slot is looked at after the data is there. */
    @JCStressTest
    @Outcome(
            id = {"1, 7", "0, 0"},
            expect = ACCEPTABLE,
            desc = "told, or refused")
    @Outcome(expect = FORBIDDEN, desc = "lost, or told and refused")
    @State
    public static class Actual extends PinnedPage {
        @Actor
        public void attach(II_Result r) {
            r.r1 = attachThenLook();
        }

        @Actor
        public void remove(II_Result r) {
            r.r2 = removePage0();
        }
    }

    /** The slot is looked at first: by the time the data is there, the page may be gone. */
    @JCStressTest
    @Outcome(
            id = {"1, 7", "0, 0"},
            expect = ACCEPTABLE,
            desc = "told, or refused")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "nobody is told of the data")
    @State
    public static class LookThenAttach extends PinnedPage {
        @Actor
        public void attach(II_Result r) {
            r.r1 = lookThenAttach();
        }

        @Actor
        public void remove(II_Result r) {
            r.r2 = removePage0();
        }
    }
}
