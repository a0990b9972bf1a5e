package dev.quire.pagecache.space;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.lang.foreign.Arena;

/**
 * A page leaves while its file is closed: whoever closes finds the page, and has to wait for it, or
 * finds its slot empty, and waits until the store was told (S4.1).
 *
 * <p>Results: whether the page was found, and whether the store had been told when the wait was
 * over.
 */
final class DepartureAgainstClose {
    private DepartureAgainstClose() {}

    /** A file of one page, and a store that wants to be told. */
    abstract static class OnePage {
        private static final long PAGE = Slot.busy(0, 1);

        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        final Departures departures = new Departures();
        private int told;

        OnePage() {
            chunk.insert(0, Slot.ABSENT, PAGE);
        }

        final void clear() {
            chunk.clear(0, PAGE);
        }

        final void tell() {
            told = 1;
        }

        final void close(II_Result r) {
            r.r1 = Slot.isResident(chunk.slot(0)) ? 1 : 0;
            departures.awaitNone();
            r.r2 = told;
        }
    }

    /** As it is: counted, then the slot. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0", "1, 1"},
            expect = ACCEPTABLE,
            desc = "found, or told of")
    @Outcome(expect = FORBIDDEN, desc = "the store is closed before it is told")
    @State
    public static class Actual extends OnePage {
        @Actor
        public void leave() {
            departures.begin();
            clear();
            tell();
            departures.end();
        }

        @Actor
        public void closes(II_Result r) {
            close(r);
        }
    }

    /** The slot, then the count. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0", "1, 1"},
            expect = ACCEPTABLE,
            desc = "found, or told of")
    @Outcome(
            id = "0, 0",
            expect = ACCEPTABLE_INTERESTING,
            desc = "the store is closed before it is told")
    @State
    public static class CountedAfterTheSlot extends OnePage {
        @Actor
        public void leave() {
            clear();
            departures.begin();
            tell();
            departures.end();
        }

        @Actor
        public void closes(II_Result r) {
            close(r);
        }
    }
}
