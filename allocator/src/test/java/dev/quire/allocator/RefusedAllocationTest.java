package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * One piece of work that allocates in every way there is, with the first of its allocations
 * refused, then the second, and so on until none is: whatever was refused, nothing is leaked or
 * freed twice, and the state adds up.
 */
class RefusedAllocationTest extends AllocatorFixture {
    private static final int FRAMES = 1200;

    /** What the work holds, to be given back when it cannot go on. */
    private static final class Work {
        private final PageAllocator allocator;
        private final List<Integer> held = new ArrayList<>();

        Work(PageAllocator allocator) {
            this.allocator = allocator;
        }

        /** How many steps were made; 7 is all of them. */
        int run() {
            int steps = 0;
            boolean more = true;
            while (more && steps < 7) {
                more = step(steps);
                steps += more ? 1 : 0;
            }
            held.forEach(allocator::put);
            return steps;
        }

        private boolean step(int step) {
            return switch (step) {
                case 0 -> hold(allocator.tryAllocate(0));
                case 1 -> batch(20);
                case 2 -> pinned();
                case 3 -> hold(allocator.tryAllocate(2, AllocContext.RESERVE));
                case 4 -> deferred();
                case 5 -> throwing(3);
                default -> batch(64) && hold(allocator.tryAllocate(5));
            };
        }

        private boolean hold(int frame) {
            return frame != NO_FRAME && held.add(frame);
        }

        private boolean pinned() {
            boolean got = hold(allocator.tryAllocate(1));
            if (got) {
                allocator.pin(held.getLast());
                allocator.unpin(held.getLast());
            }
            return got;
        }

        private boolean batch(int count) {
            int[] frames = new int[count];
            int taken = allocator.allocateBatch(frames, 0, count);
            if (taken < count) {
                allocator.putBatch(frames, 0, taken);
                return false;
            }
            for (int frame : frames) {
                held.add(frame);
            }
            return true;
        }

        /** Leaves a frame on the deferred stack, for an allocation that finds no other. */
        private boolean deferred() {
            int frame = allocator.tryAllocate(0);
            if (frame != NO_FRAME) {
                allocator.frames().update(frame, FrameState::setLru);
                allocator.put(frame);
            }
            return frame != NO_FRAME;
        }

        private boolean throwing(int order) {
            try {
                return hold(allocator.allocate(order));
            } catch (OutOfFramesException e) {
                assertThat(e).hasMessageContaining("order");
                return false;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64})
    void shouldLeakNothingWhicheverAllocationIsRefused(int cacheFrames) { // I6, S1.5
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("RefusedAllocationTest cacheFrames=" + cacheFrames + " -Dseed=" + seed);
        PageAllocator allocator = create(config(FRAMES).cacheFrames(cacheFrames));
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        int[] frames = new int[FRAMES];
        assertThat(allocator.allocateBatch(frames, 0, FRAMES)).isEqualTo(FRAMES);
        List<Integer> others = new ArrayList<>();
        for (int frame : frames) {
            others.add(frame);
        }
        // Frames become free here and there at first, later in blocks.
        Collections.shuffle(others.subList(0, 100), new Random(seed));
        boolean[] refusedAt = new boolean[8];
        for (int free = 0; free <= FRAMES && !refusedAt[7]; free++) {
            refusedAt[new Work(allocator).run()] = true;
            assertThat(badPages).as("-Dseed=" + seed).isEmpty();
            allocator.verify();
            allocator.drainDeferred();
            assertThat(allocator.freeFrames()).as("-Dseed=" + seed).isEqualTo(free);
            allocator.put(others.removeFirst());
        }
        assertThat(refusedAt[7]).as("done at last").isTrue();
        assertThat(refusedAt[0]).as("refused at the first").isTrue();
        assertThat(refusedAt[1]).as("refused in a batch").isTrue();
        assertThat(refusedAt[6]).as("refused at the last").isTrue();
        others.forEach(allocator::put);
        assertThat(allocator.freeFrames()).isEqualTo(FRAMES);
        assertThat(allocator.stats().frees()).isEqualTo(allocator.stats().allocations());
    }
}
