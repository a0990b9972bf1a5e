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
import org.openjdk.jcstress.infra.results.I_Result;

import java.lang.foreign.Arena;

/**
 * A writer stores twice into a page, first 1, then 2, at either end; a reader reads both ends
 * without a lock. What it validates belongs together.
 *
 * <p>The result is the two digits read, or -1 when the read has to be repeated.
 */
final class OptimisticReadAgainstWrite {
    private OptimisticReadAgainstWrite() {}

    /** A page of two longs in frame 0, version 1. */
    abstract static class Page {
        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private final long[] bytes = new long[64]; // the ends on different lines

        Page() {
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, 1));
        }

        void store(int value) {
            bytes[0] = value;
            bytes[63] = value;
        }

        /** The last stored end first: the order that shows a torn page. */
        int load() {
            int last = (int) bytes[63];
            int first = (int) bytes[0];
            return first * 10 + last;
        }
    }

    /** As cursors do it. */
    @JCStressTest
    @Outcome(
            id = {"0", "11", "22"},
            expect = ACCEPTABLE,
            desc = "both ends of one image")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = FORBIDDEN, desc = "a torn page was validated")
    @State
    public static class Actual extends Page {
        @Actor
        public void write() {
            chunk.beginStores(0);
            store(1);
            chunk.publish(0, Slot.readable(0, 2));
            chunk.beginStores(0);
            store(2);
            chunk.publish(0, Slot.readable(0, 3));
        }

        @Actor
        public void read(I_Result r) {
            long seen = chunk.slot(0);
            int found = load();
            r.r1 = Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    /** The slot is not BUSY while the page is stored into: the version alone comes too late. */
    @JCStressTest
    @Outcome(
            id = {"0", "11", "22"},
            expect = ACCEPTABLE,
            desc = "both ends of one image")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a torn page was validated")
    @State
    public static class WithoutBusy extends Page {
        @Actor
        public void write() {
            store(1);
            chunk.publish(0, Slot.readable(0, 2));
            store(2);
            chunk.publish(0, Slot.readable(0, 3));
        }

        @Actor
        public void read(I_Result r) {
            long seen = chunk.slot(0);
            int found = load();
            r.r1 = Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    /** A reader that takes a BUSY slot for a version: the same writer is still inside. */
    @JCStressTest
    @Outcome(
            id = {"0", "11", "22"},
            expect = ACCEPTABLE,
            desc = "both ends of one image")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a torn page was validated")
    @State
    public static class BusyIsNoVersion extends Page {
        @Actor
        public void write() {
            chunk.beginStores(0);
            store(1);
            chunk.publish(0, Slot.readable(0, 2));
            chunk.beginStores(0);
            store(2);
            chunk.publish(0, Slot.readable(0, 3));
        }

        @Actor
        public void read(I_Result r) {
            long seen = chunk.slot(0);
            int found = load();
            r.r1 = chunk.validate(0, seen) ? found : -1;
        }
    }

    /**
     * BUSY is stored, and nothing keeps it before the bytes. On x86 this twin does not fail: stores
     * become visible in the order of the program, and HotSpot leaves them in it. On AArch64 a store
     * into the bytes may become visible before BUSY, and a reader validates it.
     */
    @JCStressTest
    @Outcome(
            id = {"0", "11", "22"},
            expect = ACCEPTABLE,
            desc = "both ends of one image")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a torn page was validated")
    @State
    public static class WithoutFence extends Page {
        @Actor
        public void write() {
            chunk.publish(0, Slot.busy(0, 1)); // a release: orders what came before, not the bytes
            store(1);
            chunk.publish(0, Slot.readable(0, 2));
            chunk.publish(0, Slot.busy(0, 2));
            store(2);
            chunk.publish(0, Slot.readable(0, 3));
        }

        @Actor
        public void read(I_Result r) {
            long seen = chunk.slot(0);
            int found = load();
            r.r1 = Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    /**
     * With plain accesses to the slot and no fences. On x86 it is the compiler that breaks it,
     * which may take the second look for the first; on AArch64 the bytes could also pass the slot
     * in the hardware, on either side.
     */
    @JCStressTest
    @Outcome(
            id = {"0", "11"},
            expect = ACCEPTABLE,
            desc = "both ends of one image")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "the reader reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a torn page was validated")
    @State
    public static class PlainSlot {
        private long slot = Slot.readable(0, 1);
        private int first;
        private int last;

        @Actor
        public void write() {
            slot = Slot.busy(slot);
            first = 1;
            last = 1;
            slot = Slot.readable(0, 2);
        }

        @Actor
        public void read(I_Result r) {
            long seen = slot;
            int found = last + first * 10;
            r.r1 = Slot.isReadable(seen) && slot == seen ? found : -1;
        }
    }
}
