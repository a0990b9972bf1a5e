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
 * A page that was read ahead and marked stays BUSY when it is filled, and is made READABLE by
 * whoever comes to it first, and reads it then: never before it is filled, and never while somebody
 * writes it.
 *
 * <p>The result is the two digits read, one at either end, or -1 when the page cannot be read.
 */
final class OpenOfAMarkedPage {
    private static final int WRITER_SPINS = 20;

    private OpenOfAMarkedPage() {}

    /** A frame that is being filled, in its slot, marked; with the bytes of another page. */
    abstract static class Page {
        final FrameTable frames = new FrameTable(1);
        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        final long[] bytes = new long[64]; // the ends on different lines

        Page() {
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::lock);
            frames.set(0, FrameState.READAHEAD);
            chunk.insert(0, Slot.ABSENT, Slot.busy(0, 1));
        }

        /** As Fill ends: the bytes, then UPTODATE; the slot stays as it is. */
        final void endFill() {
            bytes[0] = 4;
            bytes[63] = 2;
            frames.update(0, FrameState::fillDone);
        }

        /** As ReadsAhead does it. */
        final void open() {
            if (frames.update(0, FrameState::beginShared) == FrameState.REFUSED) {
                return;
            }
            openSlot();
            frames.update(0, FrameState::endShared);
        }

        final void openSlot() {
            long slot = chunk.slot(0);
            if (!Slot.isReadable(slot)) {
                chunk.publish(0, Slot.readable(slot));
            }
        }

        /** As a writer who does not wait. */
        final void write() {
            if (frames.update(0, FrameState::beginExclusive) == FrameState.REFUSED) {
                return;
            }
            chunk.beginStores(0);
            bytes[0] = 7;
            for (int i = 0; i < WRITER_SPINS; i++) {
                Thread.onSpinWait(); // he is not done at once
            }
            bytes[63] = 1;
            chunk.publish(0, Slot.readable(0, 2));
            frames.update(0, FrameState::endExclusive);
        }

        final int readPage() {
            long seen = chunk.slot(0);
            int found = (int) (bytes[0] * 10 + bytes[63]);
            return Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    /** Opened under SHARED_EXCLUSIVE, which is refused unless the page is up to date. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(expect = FORBIDDEN, desc = "a half-filled page was validated")
    @State
    public static class ActualFill extends Page {
        @Actor
        public void fill() {
            endFill();
        }

        @Actor
        public void arrive(I_Result r) {
            open();
            r.r1 = readPage();
        }
    }

    /** Who comes to the page does not ask whether it is up to date. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a half-filled page was validated")
    @State
    public static class WhileItIsFilledUnasked extends Page {
        @Actor
        public void fill() {
            endFill();
        }

        @Actor
        public void arrive(I_Result r) {
            openSlot();
            r.r1 = readPage();
        }
    }

    /** A writer and who comes to the page exclude each other. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "71", expect = ACCEPTABLE, desc = "as written")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "marked, or being written")
    @Outcome(expect = FORBIDDEN, desc = "a half-written page was validated")
    @State
    public static class ActualWrite extends Page {
        public ActualWrite() {
            endFill();
        }

        @Actor
        public void writer() {
            write();
        }

        @Actor
        public void arrive(I_Result r) {
            open();
            r.r1 = readPage();
        }
    }

    /** Who comes to the page asks whether it is up to date, but does not latch it. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "71", expect = ACCEPTABLE, desc = "as written")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "marked, or being written")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a half-written page was validated")
    @State
    public static class WhileItIsWrittenUnlatched extends Page {
        public WhileItIsWrittenUnlatched() {
            endFill();
        }

        @Actor
        public void writer() {
            write();
        }

        @Actor
        public void arrive(I_Result r) {
            if (FrameState.any(frames.word(0), FrameState.UPTODATE)) {
                openSlot();
            }
            r.r1 = readPage();
        }
    }
}
