package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.lang.foreign.Arena;

/**
 * A reader takes the latch of the page that it has read, to store what follows from it, while
 * somebody else writes the page: the upgrade fails when a write came in between. Both count up by
 * one.
 *
 * <p>Results: whether the reader counted, whether the writer did, what the page says.
 */
final class UpgradeAgainstWrite {
    private UpgradeAgainstWrite() {}

    /** A page of one number, 0, in frame 0, version 1. */
    abstract static class Page {
        private final FrameTable frames = new FrameTable(1);
        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private int number;

        Page() {
            frames.update(0, FrameState::allocate);
            frames.update(0, word -> FrameState.set(word, FrameState.UPTODATE));
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, frames.nextVersion(0)));
        }

        private boolean tryLatch() {
            if (frames.update(0, FrameState::beginExclusive) == FrameState.REFUSED) {
                return false;
            }
            chunk.beginStores(0);
            return true;
        }

        private void end() {
            chunk.publish(0, Slot.readable(0, frames.nextVersion(0)));
            frames.update(0, FrameState::endExclusive);
        }

        int write() {
            if (!tryLatch()) {
                return 0;
            }
            number++;
            end();
            return 1;
        }

        /** Reads, takes the latch, and compares what stands in the slot with what it saw. */
        int readAndUpgrade(boolean frameOnly) {
            long seen = chunk.slot(0);
            int read = number;
            if (!Slot.isReadable(seen) || !tryLatch()) {
                return 0;
            }
            long now = chunk.slot(0);
            boolean same = frameOnly ? Slot.names(now, Slot.frame(seen)) : now == Slot.busy(seen);
            if (same) {
                number = read + 1;
            }
            end();
            return same ? 1 : 0;
        }

        int number() {
            return number;
        }
    }

    /** As it is: frame and version are what they were, but BUSY, by the reader's own latch. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1", "1, 1, 2"},
            expect = ACCEPTABLE,
            desc = "who counted is counted")
    @Outcome(expect = FORBIDDEN, desc = "a write was lost")
    @State
    public static class Actual extends Page {
        @Actor
        public void upgrade(III_Result r) {
            r.r1 = readAndUpgrade(false);
        }

        @Actor
        public void write(III_Result r) {
            r.r2 = write();
        }

        @Arbiter
        public void look(III_Result r) {
            r.r3 = number();
        }
    }

    /** The page is still in its frame; that it was written meanwhile is not seen. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1", "1, 1, 2"},
            expect = ACCEPTABLE,
            desc = "who counted is counted")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE_INTERESTING, desc = "a write was lost")
    @State
    public static class ComparesOnlyTheFrame extends Page {
        @Actor
        public void upgrade(III_Result r) {
            r.r1 = readAndUpgrade(true);
        }

        @Actor
        public void write(III_Result r) {
            r.r2 = write();
        }

        @Arbiter
        public void look(III_Result r) {
            r.r3 = number();
        }
    }
}
