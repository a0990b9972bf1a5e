package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;

/**
 * A file is cut while a page past its new end is faulted in: the fault sees the new size and takes
 * the page out itself, or the cut finds the page in its slot. Otherwise the page would stay.
 *
 * <p>Each side writes one word and then reads the other's, so that neither read may pass its write:
 * {@link DeferralHandShake} shows what happens without a fence.
 *
 * <p>Results: whether the fault keeps the page, whether the cut found it.
 */
final class TruncateAgainstFault {
    private TruncateAgainstFault() {}

    /** A file of one page, which is not cached. */
    abstract static class OnePage {
        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));

        /** Slot by CAS, then the size. */
        int faultPage0() {
            chunk.insert(0, Slot.ABSENT, Slot.busy(0, 1));
            return sizePages() > 0 ? 1 : 0;
        }

        abstract long sizePages();

        int scan() {
            return Slot.isResident(chunk.slot(0)) ? 1 : 0;
        }
    }

    /** As it is: the size, a full fence, then the slots. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them takes it out")
    @Outcome(expect = FORBIDDEN, desc = "a page beyond the end stays")
    @State
    public static class Actual extends OnePage {
        private volatile long size = 1;

        @Override
        long sizePages() {
            return size;
        }

        @Actor
        public void fault(II_Result r) {
            r.r1 = faultPage0();
        }

        @Actor
        public void truncate(II_Result r) {
            size = 0;
            VarHandle.fullFence();
            r.r2 = scan();
        }
    }

    /** The slots before the size: the fault sees the old size, and the cut has passed by. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "one of them takes it out")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "a page beyond the end stays")
    @State
    public static class SlotsBeforeTheSize extends OnePage {
        private volatile long size = 1;

        @Override
        long sizePages() {
            return size;
        }

        @Actor
        public void fault(II_Result r) {
            r.r1 = faultPage0();
        }

        @Actor
        public void truncate(II_Result r) {
            r.r2 = scan();
            VarHandle.fullFence();
            size = 0;
        }
    }
}
