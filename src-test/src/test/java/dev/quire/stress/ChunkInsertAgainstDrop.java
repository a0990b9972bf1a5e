package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.SlotMemory;
import dev.quire.pagecache.space.Slots;
import dev.quire.pagecache.space.Translation;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The last page of a chunk leaves and the chunk is dropped, while another page comes in: a lookup
 * finds that page afterwards, and so does who knows the slot's place from before; the chunk that
 * has it counts it.
 *
 * <p>The result is 1 when all of that is so.
 */
final class ChunkInsertAgainstDrop {
    private ChunkInsertAgainstDrop() {}

    /** As it is: the live count closes the chunk before it is unlinked. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page is found")
    @Outcome(expect = FORBIDDEN, desc = "the page was lost with its chunk")
    @State
    public static class Actual {
        private static final long LEAVING = Slot.busy(1, 1);
        private static final long COMING = Slot.busy(2, 1);

        private final Translation translation = new Translation(SlotMemory.allocated(Chunk.SHIFT));
        private final Chunk chunk = translation.findOrMake(0);
        private final long at = chunk.at(0);

        /** A chunk with one page. */
        public Actual() {
            chunk.insert(1, Slot.ABSENT, LEAVING);
        }

        @Actor
        public void insert() {
            while (!translation.findOrMake(0).insert(0, Slot.ABSENT, COMING)) {
                Thread.onSpinWait(); // ends: the chunk is dropped once at most
            }
        }

        @Actor
        public void drop() {
            chunk.clear(1, LEAVING);
            translation.dropIfEmpty(chunk);
        }

        @Arbiter
        public void find(I_Result r) {
            Chunk found = translation.find(0);
            boolean isThere = found != null && found.live() == 1 && found.slot(0) == COMING;
            r.r1 = isThere && Slots.get(at) == COMING ? 1 : 0;
        }
    }

    /** The count is raised after the slot is taken, and there is no closed state. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page is found")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "the page was lost with its chunk")
    @State
    public static class CountedAfterwards {
        private final AtomicReference<@Nullable AtomicInteger> directory =
                new AtomicReference<>(new AtomicInteger()); // a chunk of one slot
        private final AtomicInteger live = new AtomicInteger(1);

        @Actor
        public void insert() {
            AtomicInteger chunk = directory.get();
            if (chunk == null) {
                chunk = new AtomicInteger();
                directory.set(chunk);
            }
            chunk.set(2);
            live.incrementAndGet();
        }

        @Actor
        public void drop() {
            if (live.decrementAndGet() == 0) {
                directory.set(null);
            }
        }

        @Arbiter
        public void find(I_Result r) {
            AtomicInteger found = directory.get();
            r.r1 = found != null && found.get() == 2 ? 1 : 0;
        }
    }

    /**
     * The chunk is unlinked before its memory is given back, which the next one may have by then.
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the page is found")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "its slot went with the old chunk")
    @State
    public static class MemoryGivenBackLate {
        private final AtomicReference<@Nullable AtomicInteger> directory =
                new AtomicReference<>(new AtomicInteger(1)); // by their live counts
        private final AtomicInteger slot = new AtomicInteger();

        @Actor
        public void insert() {
            AtomicInteger chunk = directory.get();
            if (chunk == null) {
                directory.set(new AtomicInteger(1));
            } else if (!raised(chunk)) {
                while (directory.get() != null) {
                    Thread.onSpinWait();
                }
                directory.set(new AtomicInteger(1));
            }
            slot.set(2);
        }

        private static boolean raised(AtomicInteger live) {
            int seen = live.get();
            return seen >= 0 && live.compareAndSet(seen, seen + 1);
        }

        @Actor
        public void drop() {
            AtomicInteger chunk = Objects.requireNonNull(directory.get());
            if (chunk.decrementAndGet() == 0 && chunk.compareAndSet(0, -1)) {
                directory.set(null);
                slot.set(0);
            }
        }

        @Arbiter
        public void find(I_Result r) {
            r.r1 = directory.get() != null && slot.get() == 2 ? 1 : 0;
        }
    }
}
