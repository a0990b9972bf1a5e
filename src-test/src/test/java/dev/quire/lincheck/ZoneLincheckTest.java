package dev.quire.lincheck;

import dev.quire.allocator.zone.BuddyZone;
import dev.quire.allocator.zone.LockFreeBuddy;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blocks of orders 0 and 1 from a zone of a few frames: no frame has two owners, a free by its
 * owner is never refused, and the zone adds up afterwards. Which block an allocation gets is the
 * zone's choice, so that operations answer nothing and check for themselves.
 */
class ZoneLincheckTest {
    private static final int FRAMES = 5;
    private static final int FREE = 0;

    /** The lock-free zone. */
    @Param(name = "order", gen = IntGen.class, conf = "0:1")
    public static class Zone {
        /**
         * For each frame, 0 or one more than the order of the block that it heads; -1 in a tail.
         */
        private final AtomicIntegerArray owned = new AtomicIntegerArray(FRAMES);

        private final LockFreeBuddy zone = new LockFreeBuddy(FRAMES);

        @Operation
        public void allocate(@Param(name = "order") int order) {
            int head = take(order);
            if (head == BuddyZone.NO_FRAME) {
                return;
            }
            // The head last: then anybody may free the block.
            for (int frame = head + (1 << order) - 1; frame >= head; frame--) {
                if (!owned.compareAndSet(frame, FREE, frame == head ? order + 1 : -1)) {
                    throw new IllegalStateException("two owners: frame=" + frame);
                }
            }
        }

        @Operation
        public void free(@Param(gen = IntGen.class, conf = "0:4") int head) {
            int order = owned.get(head) - 1;
            if (order < 0 || !owned.compareAndSet(head, order + 1, -1)) {
                return;
            }
            for (int frame = head; frame < head + (1 << order); frame++) {
                owned.set(frame, FREE);
            }
            if (!give(head, order)) {
                throw new IllegalStateException("an owner's free was refused: head=" + head);
            }
        }

        @Operation
        public void allocateAndFree() {
            int head = take(0);
            if (head != BuddyZone.NO_FRAME && !give(head, 0)) {
                throw new IllegalStateException("an owner's free was refused: head=" + head);
            }
        }

        int take(int order) {
            return zone.allocate(order, 0, 0);
        }

        boolean give(int head, int order) {
            return zone.free(head, order);
        }

        void verifyZone() {
            zone.verify();
            int free = 0;
            for (int frame = 0; frame < FRAMES; frame++) {
                boolean isFree = zone.isFree(frame);
                if (isFree != (owned.get(frame) == FREE)) {
                    throw new IllegalStateException("lost: frame=" + frame);
                }
                free += isFree ? 1 : 0;
            }
            if (free != zone.freeFrames()) {
                throw new IllegalStateException("counted=" + zone.freeFrames() + ", free=" + free);
            }
        }

        @Validate
        public void verify() {
            verifyZone();
        }
    }

    /** Canary: the simplest zone there is, whose frees read, then write. */
    @Param(name = "order", gen = IntGen.class, conf = "0:1")
    public static class FreeByLoadThenStore extends Zone {
        private final AtomicLong free = new AtomicLong((1 << FRAMES) - 1);

        @Override
        int take(int order) {
            long block = (1L << (1 << order)) - 1;
            for (int head = 0; head + (1 << order) <= FRAMES; head += 1 << order) {
                long seen = free.get();
                if (((seen >>> head) & block) == block) {
                    return free.compareAndSet(seen, seen & ~(block << head))
                            ? head
                            : BuddyZone.NO_FRAME;
                }
            }
            return BuddyZone.NO_FRAME;
        }

        @Override
        boolean give(int head, int order) {
            long block = ((1L << (1 << order)) - 1) << head;
            long seen = free.get();
            free.set(seen | block);
            return (seen & block) == 0;
        }

        @Override
        void verifyZone() {}
    }

    @Test
    void shouldGiveNoFrameToTwoInAnyInterleaving() {
        Lincheck.modelCheck(Zone.class, Zone.class);
    }

    @Test
    void shouldGiveNoFrameToTwoOnRealThreads() {
        Lincheck.stress(Zone.class, Zone.class);
    }

    @Test
    void shouldFindAFreeThatReadsThenWrites() {
        Lincheck.expectToBeFound(FreeByLoadThenStore.class, Zone.class);
    }
}
