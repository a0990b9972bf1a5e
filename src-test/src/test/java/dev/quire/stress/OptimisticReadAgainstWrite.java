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
import org.openjdk.jcstress.infra.results.JJ_Result;

/**
 * An optimistic reader sees all of what a writer stored, or nothing, or reads again.
 *
 * <p>Results: the page's two longs, or -1, -1 when the reader has to read again.
 */
final class OptimisticReadAgainstWrite {
    private OptimisticReadAgainstWrite() {}

    /** A page of two longs, readable. */
    private static final class Page {
        final Chunk chunk = new Chunk(0);
        long first;
        long second;

        Page() {
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, 1));
        }

        void store() {
            first = 1;
            second = 1;
        }

        void publish() {
            chunk.publish(0, Slot.readable(0, 2));
        }

        void read(JJ_Result r) {
            long slot = chunk.slot(0);
            r.r1 = first;
            r.r2 = second;
            if (!Slot.isReadable(slot) || !chunk.validate(0, slot)) {
                r.r1 = -1;
                r.r2 = -1;
            }
        }
    }

    /** As a cursor does it: BUSY, fence, stores, then the next version. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "before the write")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "after the write")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "reads again")
    @Outcome(expect = FORBIDDEN, desc = "a torn page was validated")
    @State
    public static class Actual {
        private final Page page = new Page();

        @Actor
        public void write() {
            page.chunk.beginStores(0);
            page.store();
            page.publish();
        }

        @Actor
        public void read(JJ_Result r) {
            page.read(r);
        }
    }

    /** Without the BUSY step: the reader finds the old slot twice, around half a write. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "before the write")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "after the write")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a torn page was validated")
    @State
    public static class NeverBusy {
        private final Page page = new Page();

        @Actor
        public void write() {
            page.store();
            page.publish();
        }

        @Actor
        public void read(JJ_Result r) {
            page.read(r);
        }
    }

    /**
     * With plain accesses to the slot and no fences. On x86 it is the compiler that breaks it,
     * which may take the second look for the first; on AArch64 the bytes could also pass the slot
     * in the hardware, on either side.
     */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "before the write")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "after the write")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a torn page was validated")
    @State
    public static class PlainSlot {
        private long slot = Slot.readable(0, 1);
        private long first;
        private long second;

        @Actor
        public void write() {
            slot = Slot.busy(slot);
            first = 1;
            second = 1;
            slot = Slot.readable(0, 2);
        }

        @Actor
        public void read(JJ_Result r) {
            long seen = slot;
            r.r1 = first;
            r.r2 = second;
            if (!Slot.isReadable(seen) || slot != seen) {
                r.r1 = -1;
                r.r2 = -1;
            }
        }
    }
}
