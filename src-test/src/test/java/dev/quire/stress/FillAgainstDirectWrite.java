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
 * A page is faulted in while a direct write to it completes: the page was in its slot before it was
 * read, so that the second invalidation finds it, or it was read after the bytes were there
 * (S2.10).
 *
 * <p>The result is what the slot's page holds in the end: 1 the new bytes, 0 the old ones; -1 when
 * the page is not cached.
 */
final class FillAgainstDirectWrite {
    private FillAgainstDirectWrite() {}

    /** A file of one page, which is not cached; the store has a 0 in it. */
    abstract static class OnePage {
        private static final long FILLING = Slot.busy(0, 1);

        private final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private volatile int store;
        private int memory = -1;

        void insert() {
            chunk.insert(0, Slot.ABSENT, FILLING);
        }

        void read() {
            memory = store;
        }

        void write() {
            store = 1;
        }

        /** Takes out what it finds, once it is filled. */
        void invalidate() {
            VarHandle.fullFence(); // the store's answer is passed on by a full CAS
            chunk.clear(0, FILLING);
        }

        int content() {
            return Slot.isResident(chunk.slot(0)) ? memory : -1;
        }
    }

    /** As it is: inserted, then read; written, then invalidated. */
    @JCStressTest
    @Outcome(
            id = {"1", "-1"},
            expect = ACCEPTABLE,
            desc = "the new bytes, or none")
    @Outcome(expect = FORBIDDEN, desc = "a stale page stays")
    @State
    public static class Actual extends OnePage {
        @Actor
        public void fill() {
            insert();
            read();
        }

        @Actor
        public void directWrite() {
            write();
            invalidate();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = content();
        }
    }

    /** Read before it is inserted: the invalidation passes by in between. */
    @JCStressTest
    @Outcome(
            id = {"1", "-1"},
            expect = ACCEPTABLE,
            desc = "the new bytes, or none")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "a stale page stays")
    @State
    public static class ReadBeforeInsert extends OnePage {
        @Actor
        public void fill() {
            read();
            insert();
        }

        @Actor
        public void directWrite() {
            write();
            invalidate();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = content();
        }
    }

    /** Invalidated before it is written, and not again. */
    @JCStressTest
    @Outcome(
            id = {"1", "-1"},
            expect = ACCEPTABLE,
            desc = "the new bytes, or none")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "a stale page stays")
    @State
    public static class NoSecondInvalidation extends OnePage {
        @Actor
        public void fill() {
            insert();
            read();
        }

        @Actor
        public void directWrite() {
            invalidate();
            write();
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = content();
        }
    }
}
