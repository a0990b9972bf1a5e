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
 * A page of 42s leaves its frame, another page's 7s come into it, and the first page comes back to
 * the same frame: a reader in the middle never takes a 7 for a 42.
 *
 * <p>Results: the page's two longs, or -1, -1 when the reader has to read again.
 */
final class OptimisticReadAgainstReuse {
    private OptimisticReadAgainstReuse() {}

    /** Frame 0, and the slot of the page that is in it at first. */
    private static final class Frame {
        final Chunk chunk = new Chunk(0);
        long first = 42;
        long second = 42;

        Frame() {
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, 1));
        }

        /** Out and in again, and another page in between. */
        void reuse(int versionAfterwards) {
            chunk.publish(0, Slot.shadow(1, false));
            fill(7);
            long shadow = chunk.slot(0);
            chunk.insert(0, shadow, Slot.busy(0, versionAfterwards));
            fill(42);
            chunk.publish(0, Slot.readable(0, versionAfterwards));
        }

        private void fill(long value) {
            first = value;
            second = value;
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

    /** The version is the frame's own, and goes on. */
    @JCStressTest
    @Outcome(id = "42, 42", expect = ACCEPTABLE, desc = "the page, the first or the second time")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "reads again")
    @Outcome(expect = FORBIDDEN, desc = "another page's bytes were validated")
    @State
    public static class Actual {
        private final Frame frame = new Frame();

        @Actor
        public void reuse() {
            frame.reuse(2);
        }

        @Actor
        public void read(JJ_Result r) {
            frame.read(r);
        }
    }

    /** The version begins anew with the page. */
    @JCStressTest
    @Outcome(id = "42, 42", expect = ACCEPTABLE, desc = "the page, the first or the second time")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "reads again")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "another page's bytes were validated")
    @State
    public static class SameVersion {
        private final Frame frame = new Frame();

        @Actor
        public void reuse() {
            frame.reuse(1);
        }

        @Actor
        public void read(JJ_Result r) {
            frame.read(r);
        }
    }
}
