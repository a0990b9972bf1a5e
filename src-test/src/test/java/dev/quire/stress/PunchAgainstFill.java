package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;

/**
 * A hole is punched while a page of it is faulted in: the fill sees the range and takes the page
 * out itself, or the punch finds the page in its slot. Otherwise what was punched would come back:
 * the old bytes, in a slot, over a hole in the store.
 *
 * <p>The result is what the slot's page holds in the end: 0 a hole, 1 the old bytes; -1 when the
 * page is not cached.
 */
final class PunchAgainstFill {
    private PunchAgainstFill() {}

    /** A file of one page, which is not cached; the store has a 1 in it. */
    abstract static class OnePage {
        private static final long FILLING = Slot.busy(0, 1);

        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private volatile long first;
        private volatile long end;
        private volatile int store = 1;
        private int memory = -1;

        /** Slot by CAS, then the range, then the store. */
        void fillPage0() {
            chunk.insert(0, Slot.ABSENT, FILLING);
            if (0 < end && 0 >= first) {
                chunk.clear(0, FILLING);
            } else {
                memory = store;
            }
        }

        void range(long first, long end) {
            this.end = 0;
            this.first = first;
            this.end = end;
        }

        /** Takes out what it finds, once it is filled. */
        void removePage0() {
            chunk.clear(0, FILLING);
        }

        void punchStore() {
            store = 0;
            range(0, 0);
        }

        int content() {
            return Slot.isResident(chunk.slot(0)) ? memory : -1;
        }
    }

    /** As it is: the range, a full fence, then the slots, then the store. */
    @JCStressTest
    @Outcome(
            id = {"0", "-1"},
            expect = ACCEPTABLE,
            desc = "a hole")
    @Outcome(expect = FORBIDDEN, desc = "what was punched has come back")
    @State
    public static class Actual extends OnePage {
        @Actor
        public void fill() {
            fillPage0();
        }

        @Actor
        public void punch() {
            range(0, 1);
            VarHandle.fullFence();
            removePage0();
            punchStore();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = content();
        }
    }

    /** The slots before the range: the fill sees no range yet, and the punch has passed by. */
    @JCStressTest
    @Outcome(
            id = {"0", "-1"},
            expect = ACCEPTABLE,
            desc = "a hole")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "what was punched has come back")
    @State
    public static class SlotsBeforeTheRange extends OnePage {
        @Actor
        public void fill() {
            fillPage0();
        }

        @Actor
        public void punch() {
            removePage0();
            VarHandle.fullFence();
            range(0, 1);
            punchStore();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = content();
        }
    }
}
