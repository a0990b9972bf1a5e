package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.IoMemory;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A request is completed twice at once: the memory of its fragment gives its pin back once, and
 * another fragment's pin of the same page stays (S0.7).
 *
 * <p>The results are whether each close was the first, and the pins that are left.
 */
final class CloseAgainstClose {
    private CloseAgainstClose() {}

    /** As memory under I/O does it: one CAS. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one gave its pin back")
    @Outcome(expect = FORBIDDEN, desc = "the other fragment's pin was given back, or none")
    @State
    public static class Actual {
        // One for all states: a region is never unmapped.
        private static final PageAllocator ALLOCATOR =
                PageAllocator.create(AllocatorConfig.builder().capacityBytes(1 << 28).build());

        private final int frame = ALLOCATOR.allocate(0);
        private final IoMemory memory = IoMemory.pinned(ALLOCATOR, frame);
        private final IoMemory other = IoMemory.pinned(ALLOCATOR, frame);

        @Actor
        public void first(III_Result r) {
            r.r1 = memory.close() ? 1 : 0;
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = memory.close() ? 1 : 0;
        }

        @Arbiter
        public void left(III_Result r) {
            r.r3 = ALLOCATOR.pinCount(frame);
            other.close();
            ALLOCATOR.put(frame);
        }
    }

    /** A look and a store instead of a CAS: both give a pin back. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "one gave its pin back")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE_INTERESTING, desc = "both did")
    @State
    public static class LookThenStore {
        private final FrameTable frames = new FrameTable(1);
        private boolean closed;

        /** A frame with one reference and two pins. */
        public LookThenStore() {
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::pin);
            frames.update(0, FrameState::pin);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = close();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = close();
        }

        private int close() {
            if (closed) {
                return 0;
            }
            closed = true;
            frames.update(0, FrameState::unpin);
            return 1;
        }

        @Arbiter
        public void left(III_Result r) {
            r.r3 = FrameState.pins(frames.word(0));
        }
    }
}
