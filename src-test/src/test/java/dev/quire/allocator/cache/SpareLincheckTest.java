package dev.quire.allocator.cache;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.lincheck.Lincheck;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * A frame cache of two frames, its one user, and others who drain it: at the end every frame is its
 * user's, in stock where the next drain finds it, or in the zone; and none in two places (I6).
 */
class SpareLincheckTest {
    private static final int FRAMES = 3;

    /** The operations of the user do not run in parallel with each other; drains do. */
    public static class Stock implements FrameSink {
        final FrameTable frames = new FrameTable(FRAMES);
        final FrameCache cache = new FrameCache(frames, this, 0, 2, false);
        private final boolean[] held = new boolean[FRAMES];
        private boolean twoOwners;

        /** All frames are the user's. */
        public Stock() {
            cache.settle(0);
            for (int frame = 0; frame < FRAMES; frame++) {
                frames.order(frame, 0);
                frames.move(frame, FrameState.FREE, FrameState.LIVE);
                held[frame] = true;
            }
        }

        @Operation(nonParallelGroup = "user")
        public void put() {
            for (int frame = 0; frame < FRAMES; frame++) {
                if (held[frame]) {
                    held[frame] = false;
                    cache.put(frame, 0);
                    return;
                }
            }
        }

        @Operation(nonParallelGroup = "user")
        public void take() {
            int frame = cache.take(0);
            if (frame != FrameCache.NO_FRAME) {
                twoOwners |= held[frame] || frames.word(frame) != FrameState.LIVE;
                held[frame] = true;
            }
        }

        @Operation
        public void drain() {
            cache.drain(new int[FRAMES]);
        }

        @Override
        public void put(int head) {
            throw new IllegalStateException("every frame here is of order 0: frame=" + head);
        }

        @Override
        public void discard(int frame) {
            throw new IllegalStateException("every frame here is free: frame=" + frame);
        }

        @Override
        public void free(int head, int order) {
            if (frames.word(head) != FrameState.FREE) {
                throw new IllegalStateException("two owners: " + frames.describe(head));
            }
        }

        @Override
        public void freeBatch(int[] heads, int from, int count, int order) {
            for (int i = from; i < from + count; i++) {
                free(heads[i], order);
            }
        }

        @Validate
        public void verify() {
            if (twoOwners) {
                throw new IllegalStateException("two owners");
            }
            for (int frame = 0; frame < FRAMES; frame++) {
                long word = frames.word(frame);
                if (held[frame] != (word == FrameState.LIVE)) {
                    throw new IllegalStateException("two owners: " + frames.describe(frame));
                }
                if (word == FrameState.SPARE && !isHinted(frame)) {
                    throw new IllegalStateException("lost: " + frames.describe(frame));
                }
            }
        }

        private boolean isHinted(int frame) {
            boolean[] found = {false};
            cache.eachHint(head -> found[0] |= head == frame);
            return found[0];
        }
    }

    /** Canary: a drain that looks at the word, then writes it. */
    public static class DrainByLookThenStore extends Stock {
        @Override
        @Operation
        public void drain() {
            for (int frame = 0; frame < FRAMES; frame++) {
                if (frames.word(frame) == FrameState.SPARE) {
                    frames.update(frame, word -> FrameState.FREE); // whatever it is by now
                }
            }
        }
    }

    @Test
    void shouldLoseNoFrameInAnyInterleaving() {
        Lincheck.modelCheck(Stock.class, Stock.class);
    }

    @Test
    void shouldFindADrainThatLooksThenStores() {
        Lincheck.expectToBeFound(DrainByLookThenStore.class, Stock.class);
    }
}
