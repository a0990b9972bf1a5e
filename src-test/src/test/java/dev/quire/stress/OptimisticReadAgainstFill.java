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
 * A page is filled while a reader looks for it: the reader finds it whole or not at all.
 *
 * <p>The result is the two digits read, one at either end, or -1 when the page is not there yet.
 */
final class OptimisticReadAgainstFill {
    private OptimisticReadAgainstFill() {}

    /** An empty slot, and a frame with the bytes of another page. */
    abstract static class Page {
        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        private final long[] bytes = new long[64]; // the ends on different lines

        void fill() {
            bytes[0] = 4;
            bytes[63] = 2;
        }

        int readPage() {
            long seen = chunk.slot(0);
            int found = (int) (bytes[0] * 10 + bytes[63]);
            return Slot.isReadable(seen) && chunk.validate(0, seen) ? found : -1;
        }
    }

    /** As a fault does it: BUSY until the last byte is there. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(expect = FORBIDDEN, desc = "a half-filled page was validated")
    @State
    public static class Actual extends Page {
        @Actor
        public void fault() {
            chunk.insert(0, Slot.ABSENT, Slot.busy(0, 1));
            fill();
            chunk.publish(0, Slot.readable(0, 1));
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage();
        }
    }

    /** The page can be found, and found readable, before it is filled. */
    @JCStressTest
    @Outcome(id = "42", expect = ACCEPTABLE, desc = "the page")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "a half-filled page was validated")
    @State
    public static class PublishedBeforeTheFill extends Page {
        @Actor
        public void fault() {
            chunk.insert(0, Slot.ABSENT, Slot.readable(0, 1));
            fill();
        }

        @Actor
        public void read(I_Result r) {
            r.r1 = readPage();
        }
    }
}
