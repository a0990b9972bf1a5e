package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A page that holds 42 is read without a lock while it moves to another frame, and its old frame
 * becomes another page's, with 7: the reader gets 42, from either frame, or reads again.
 *
 * <p>The result is what was read, or -1 when the read has to be repeated.
 */
final class OptimisticReadAgainstRelocation {
    private OptimisticReadAgainstRelocation() {}

    /** A page, and a reader of it, who dwells between slot and bytes. */
    abstract static class Read extends MovingPage {
        static void dwell() {
            for (int i = 0; i < 8; i++) {
                Thread.onSpinWait();
            }
        }

        int readPage() {
            long seen = chunk.slot(0);
            dwell();
            int found = bytes[Slot.frame(seen)];
            return Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    /** As it is: copied, then in the slot, then the old frame is given away. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = FORBIDDEN, desc = "bytes that are not the page's were validated")
    @State
    public static class Actual extends Read {
        @Actor
        public void move() {
            begin();
            freeze();
            copy();
            switchSlot();
            reuseOldFrame();
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage();
        }
    }

    /** The slot names the new frame before the bytes are there. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "what was in the frame before")
    @State
    public static class SwitchBeforeCopy extends Read {
        @Actor
        public void move() {
            begin();
            freeze();
            switchSlot();
            dwell();
            copy();
            reuseOldFrame();
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage();
        }
    }

    /** The old frame is given away before the slot names the new one. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(id = "7", expect = ACCEPTABLE_INTERESTING, desc = "another page's bytes")
    @State
    public static class GiveAwayBeforeSwitch extends Read {
        @Actor
        public void move() {
            begin();
            freeze();
            copy();
            bytes[FROM] = 7;
            switchSlot();
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage();
        }
    }
}
