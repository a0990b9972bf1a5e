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

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A page is inserted into a chunk that is being dropped because it is empty: one of the two fails.
 *
 * <p>First result: whether the page was inserted. Second result: whether the chunk was dropped.
 */
final class ChunkInsertAgainstDrop {
    private ChunkInsertAgainstDrop() {}

    /** The live count is raised before the slot is stored. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "inserted, the chunk stays")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "dropped, the insert begins again")
    @Outcome(expect = FORBIDDEN, desc = "a page in a chunk that lookups do not find, or neither")
    @State
    public static class Actual {
        private final Chunk chunk = new Chunk(0);

        @Actor
        public void insert(II_Result r) {
            r.r1 = chunk.insert(0, Slot.ABSENT, Slot.busy(0, 1)) ? 1 : 0;
        }

        @Actor
        public void drop(II_Result r) {
            r.r2 = chunk.tryClose() ? 1 : 0;
        }
    }

    /** The live count is looked at first, and raised after the slot is stored. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "inserted, the chunk stays")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "dropped, the insert begins again")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "a page that nobody finds")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class SlotFirst {
        private final AtomicInteger live = new AtomicInteger();
        private final AtomicLong slot = new AtomicLong();

        @Actor
        public void insert(II_Result r) {
            if (live.get() >= 0) {
                slot.set(Slot.busy(0, 1));
                live.incrementAndGet();
                r.r1 = 1;
            }
        }

        @Actor
        public void drop(II_Result r) {
            r.r2 = live.compareAndSet(0, -1) ? 1 : 0;
        }
    }
}
