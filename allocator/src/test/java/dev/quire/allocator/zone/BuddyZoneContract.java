package dev.quire.allocator.zone;

import static dev.quire.allocator.zone.BuddyZone.NO_FRAME;
import static dev.quire.allocator.zone.BuddyZone.ORDER_MAX;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** What every zone keeps. */
abstract class BuddyZoneContract {
    private final List<BuddyZone> zones = new ArrayList<>();

    abstract BuddyZone create(int frameCount);

    BuddyZone zone(int frameCount) {
        BuddyZone zone = create(frameCount);
        zones.add(zone);
        return zone;
    }

    @AfterEach
    void verifyEveryZone() {
        zones.forEach(BuddyZone::verify);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldHandOutAlignedDisjointBlocksUntilNothingIsLeft(int order) {
        BuddyZone zone = zone(4096);
        Set<Integer> heads = new HashSet<>();
        for (int head = zone.allocate(order, 0, 0);
                head != NO_FRAME;
                head = zone.allocate(order, 0, 0)) {
            assertThat(head % (1 << order)).isZero();
            assertThat(heads.add(head)).isTrue();
        }
        assertThat(heads).hasSize(4096 >> order);
        assertThat(zone.freeFrames()).isZero();
        heads.forEach(head -> assertThat(zone.free(head, order)).isTrue());
        assertThat(zone.freeFrames()).isEqualTo(4096);
        assertThat(blocks(zone)[ORDER_MAX]).isEqualTo(4);
    }

    @Test
    void shouldMergeBuddiesUpToMaxOrderInAnyOrderOfFreeing() {
        BuddyZone zone = zone(1024);
        int[] heads = new int[1024];
        assertThat(zone.allocateBatch(heads, 0, 1024, 0, 0)).isEqualTo(1024);
        shuffle(heads, new SplittableRandom(1));
        for (int head : heads) {
            assertThat(zone.free(head, 0)).isTrue();
        }
        assertThat(blocks(zone)[ORDER_MAX]).isEqualTo(1);
        assertThat(zone.allocate(ORDER_MAX, 0, 0)).isZero();
    }

    @Test
    void shouldNotMergeNeighboursThatAreNoBuddies() {
        BuddyZone zone = zone(4);
        int[] all = new int[4];
        zone.allocateBatch(all, 0, 4, 0, 0);
        zone.free(1, 0);
        zone.free(2, 0);
        assertThat(blocks(zone)[0]).isEqualTo(2);
        assertThat(zone.allocate(1, 0, 0)).isEqualTo(NO_FRAME);
        zone.free(0, 0);
        assertThat(blocks(zone)[1]).isEqualTo(1);
        zone.free(3, 0);
        assertThat(blocks(zone)[2]).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 63, 64, 65, 1000, 1023, 1025, 2047, 5000})
    void shouldUseEveryFrameWhateverTheCapacity(int frameCount) {
        BuddyZone zone = zone(frameCount);
        assertThat(zone.frameCount()).isEqualTo(frameCount);
        assertThat(zone.freeFrames()).isEqualTo(frameCount);
        int[] initial = blocks(zone);
        int[] heads = new int[frameCount + 1];
        assertThat(zone.allocateBatch(heads, 0, frameCount + 1, 0, 0)).isEqualTo(frameCount);
        assertThat(Arrays.stream(heads, 0, frameCount).distinct().count()).isEqualTo(frameCount);
        assertThat(zone.allocate(0, 0, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.freeBatch(heads, 0, frameCount, 0)).isEqualTo(frameCount);
        assertThat(blocks(zone)).isEqualTo(initial);
    }

    @Test
    void shouldKeepWhatItIsToldToKeep() {
        BuddyZone zone = zone(16);
        assertThat(zone.allocate(4, 1, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.allocate(3, 8, 0)).isNotEqualTo(NO_FRAME);
        assertThat(zone.allocate(0, 8, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.allocateBatch(new int[8], 0, 8, 6, 0)).isEqualTo(2);
        assertThat(zone.allocateBatch(new int[8], 0, 8, 6, 0)).isZero();
        assertThat(zone.freeFrames()).isEqualTo(6);
        assertThat(zone.allocate(0, 0, 0)).isNotEqualTo(NO_FRAME);
        assertThat(zone.allocateBatch(new int[8], 0, 8, 20, 0)).isZero();
    }

    @Test
    void shouldRefuseADoubleFreeAsAValueAndChangeNothing() {
        BuddyZone zone = zone(64);
        int head = zone.allocate(2, 0, 0);
        int other = zone.allocate(2, 0, 0);
        assertThat(zone.free(head, 2)).isTrue();
        int[] before = blocks(zone);
        assertThat(zone.free(head, 2)).isFalse();
        assertThat(zone.free(head + 1, 0)).as("a part of a free block").isFalse();
        assertThat(zone.free(other & ~7, 3)).as("half of it is free").isFalse();
        assertThat(blocks(zone)).isEqualTo(before);
        assertThat(zone.free(other, 2)).isTrue();
        assertThat(zone.free(0, 6)).as("all of it is free").isFalse();
    }

    @Test
    void shouldRefuseWhatCannotBeABlock() {
        BuddyZone zone = zone(100);
        while (zone.allocate(0, 0, 0) != NO_FRAME) {}
        assertThat(zone.free(1, 1)).as("not aligned").isFalse();
        assertThat(zone.free(-1, 0)).isFalse();
        assertThat(zone.free(100, 0)).isFalse();
        assertThat(zone.free(96, 3)).as("over the end").isFalse();
        assertThat(zone.free(Integer.MIN_VALUE, 10)).isFalse();
        assertThat(zone.freeFrames()).isZero();
    }

    @Test
    void shouldStopABatchAtTheFirstRefusal() {
        BuddyZone zone = zone(8);
        int[] heads = new int[8];
        zone.allocateBatch(heads, 0, 8, 0, 0);
        int[] batch = {heads[0], heads[1], heads[0], heads[2]};
        assertThat(zone.freeBatch(batch, 0, 4, 0)).isEqualTo(2);
        assertThat(zone.freeBatch(batch, 3, 1, 0)).isEqualTo(4);
        assertThat(zone.freeFrames()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 11, Integer.MAX_VALUE})
    void shouldNameAnOrderOutOfRange(int order) {
        BuddyZone zone = zone(8);
        assertThatThrownBy(() -> zone.allocate(order, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("order must be 0..10: order=" + order);
        assertThatThrownBy(() -> zone.free(0, order)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 37, 1024, 3000})
    void shouldAgreeWithTheNaiveModelOnRandomOperations(int frameCount) {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("BuddyZoneContract frames=" + frameCount + " -Dseed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        BuddyZone zone = zone(frameCount);
        ModelBuddy model = new ModelBuddy(frameCount);
        List<int[]> held = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            boolean grow = random.nextInt(frameCount + 1) < zone.freeFrames();
            if (grow || held.isEmpty()) {
                int order = Math.min(random.nextInt(12), random.nextInt(12));
                order = Math.min(order, ORDER_MAX);
                int head = zone.allocate(order, 0, 0);
                assertThat(head != NO_FRAME).isEqualTo(model.canAllocate(order));
                if (head != NO_FRAME) {
                    model.take(head, order);
                    held.add(new int[] {head, order});
                }
            } else if (random.nextInt(10) == 0) {
                int head = random.nextInt(frameCount);
                int order = random.nextInt(3);
                if (model.anyFree(head, order)) {
                    assertThat(zone.free(head, order)).isFalse();
                }
            } else {
                int[] block = held.remove(random.nextInt(held.size()));
                assertThat(zone.free(block[0], block[1])).isTrue();
                model.give(block[0], block[1]);
            }
            assertThat(zone.freeFrames()).isEqualTo(model.freeFrames());
            if (step % 256 == 0) {
                zone.verify();
                assertThat(blocks(zone)).isEqualTo(model.blocks());
                int frame = random.nextInt(frameCount);
                assertThat(zone.isFree(frame)).isEqualTo(model.anyFree(frame, 0));
            }
        }
    }

    /** Every size has an end of its own: in a row, a child, a pair, a tree. */
    @Test
    void shouldHandOutAllOfAnyCapacityInBlocksOfFallingOrder() {
        for (int frameCount = 1; frameCount <= 3000; frameCount += frameCount < 140 ? 1 : 13) {
            BuddyZone zone = create(frameCount);
            int[] initial = blocks(zone);
            List<int[]> held = new ArrayList<>();
            boolean[] owned = new boolean[frameCount];
            for (int order = ORDER_MAX; order >= 0; order--) {
                for (int head = zone.allocate(order, 0, 0);
                        head != NO_FRAME;
                        head = zone.allocate(order, 0, 0)) {
                    held.add(new int[] {head, order});
                    for (int frame = head; frame < head + (1 << order); frame++) {
                        assertThat(owned[frame]).isFalse();
                        owned[frame] = true;
                    }
                }
            }
            assertThat(zone.freeFrames()).as("frames=%d", frameCount).isZero();
            assertThat(initial).isEqualTo(largestBlocks(frameCount));
            zone.verify();
            for (int[] block : held) {
                assertThat(zone.free(block[0], block[1])).isTrue();
            }
            assertThat(blocks(zone)).isEqualTo(initial);
            zone.verify();
        }
    }

    private static int[] largestBlocks(int frameCount) {
        int[] blocks = new int[ORDER_MAX + 1];
        Arrays.setAll(blocks, order -> frameCount >>> order & 1);
        blocks[ORDER_MAX] = frameCount >>> ORDER_MAX;
        return blocks;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldRefuseADoubleFreeAtEveryOrderWhateverElseIsFree(int order) {
        BuddyZone zone = zone(4096);
        int head = zone.allocate(order, 0, 0);
        assertThat(zone.free(head, order)).isTrue();
        int[] before = blocks(zone);
        for (int other = 0; other <= ORDER_MAX; other++) {
            assertThat(zone.free(head & -(1 << other), other)).as("order %d", other).isFalse();
        }
        assertThat(zone.freeBatch(new int[] {head}, 0, 1, order)).isZero();
        assertThat(blocks(zone)).isEqualTo(before);
        assertThat(zone.freeFrames()).isEqualTo(4096);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldRefuseALargerBlockOfWhichAFrameIsFree(int order) {
        BuddyZone zone = zone(1024);
        zone.allocateBatch(new int[1024], 0, 1024, 0, 0);
        for (int frame = 0; frame < 1 << order; frame += Math.max(1, (1 << order) / 5)) {
            assertThat(zone.free(frame, 0)).isTrue();
            assertThat(zone.free(0, order)).as("frame %d is free", frame).isFalse();
            assertThat(zone.freeFrames()).isEqualTo(1);
            assertThat(zone.allocate(0, 0, 0)).isEqualTo(frame);
        }
        assertThat(zone.free(0, order)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldKeepFramesAtEveryOrder(int order) {
        BuddyZone zone = zone(4096);
        int keep = 4096 - (2 << order);
        assertThat(zone.allocate(order, keep + 1, 0)).isNotEqualTo(NO_FRAME);
        assertThat(zone.allocate(order, keep + 1, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.allocate(order, keep, 0)).isNotEqualTo(NO_FRAME);
        assertThat(zone.allocate(0, keep, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.freeFrames()).isEqualTo(keep);
    }

    @Test
    void shouldFreeABatchUpToTheFirstThatIsRefusedWhateverIsWrongWithIt() {
        for (int bad : new int[] {-1, 700, 701, Integer.MAX_VALUE, Integer.MIN_VALUE, 130}) {
            BuddyZone zone = zone(700);
            zone.allocateBatch(new int[700], 0, 700, 0, 0);
            zone.free(130, 0);
            int[] batch = {5, 6, 64, 128, 699, bad, 131, 7};
            assertThat(zone.freeBatch(batch, 0, 8, 0)).as("bad=%d", bad).isEqualTo(5);
            assertThat(zone.freeFrames()).isEqualTo(6);
            assertThat(zone.freeBatch(batch, 6, 2, 0)).isEqualTo(8);
            assertThat(zone.freeBatch(batch, 0, 8, 0)).as("again").isZero();
            assertThat(zone.freeBatch(batch, 3, 0, 0)).as("nothing").isEqualTo(3);
        }
    }

    @Test
    void shouldFillABatchFromWhateverIsLeft() {
        BuddyZone zone = zone(3000);
        int[] all = new int[3000];
        zone.allocateBatch(all, 0, 3000, 0, 0);
        for (int frame = 0; frame < 3000; frame += 60) {
            assertThat(zone.free(frame, 0)).isTrue();
        }
        assertThat(zone.allocateBatch(all, 0, 32, 0, 1)).isEqualTo(32);
        assertThat(zone.allocateBatch(all, 32, 32, 0, 2)).isEqualTo(18);
        assertThat(Arrays.stream(all, 0, 50).sorted().toArray())
                .isEqualTo(IntStream.range(0, 50).map(i -> 60 * i).toArray());
        assertThat(zone.allocateBatch(all, 0, 1, 0, 0)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, 700", "2, 512", "3, 2500", "4, 70", "4, 3000"})
    void shouldGiveNoFrameToTwoThreads(int threads, int frameCount) throws Exception {
        BuddyZone zone = zone(frameCount);
        int[] initial = blocks(zone);
        AtomicIntegerArray holders = new AtomicIntegerArray(frameCount);
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> workers = new ArrayList<>();
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("BuddyZoneContract threads=" + threads + " -Dseed=" + seed);
        for (int t = 0; t < threads; t++) {
            Churn churn = new Churn(zone, holders, t, new SplittableRandom(seed + t));
            workers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            churn.run();
                                        } catch (RuntimeException | Error e) {
                                            failures.add(e);
                                        }
                                    }));
        }
        for (Thread worker : workers) {
            worker.join();
        }
        assertThat(failures).isEmpty();
        zone.verify();
        assertThat(zone.freeFrames()).isEqualTo(frameCount);
        assertThat(blocks(zone)).isEqualTo(initial);
    }

    /** Takes and gives at random; marks what it holds as its own, and finds who else does. */
    private static final class Churn {
        private static final int STEPS = 30_000;

        private final BuddyZone zone;
        private final AtomicIntegerArray holders;
        private final int stripe;
        private final SplittableRandom random;
        private final List<int[]> held = new ArrayList<>();
        private final int[] batch = new int[40];
        private int heldFrames;

        Churn(BuddyZone zone, AtomicIntegerArray holders, int stripe, SplittableRandom random) {
            this.zone = zone;
            this.holders = holders;
            this.stripe = stripe;
            this.random = random;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                int kind = random.nextInt(10);
                if (heldFrames > random.nextInt(zone.frameCount())) {
                    give(held.remove(random.nextInt(held.size())));
                } else if (kind < 2) {
                    takeBatch();
                } else if (kind == 2) {
                    giveSingles();
                } else {
                    take(random.nextInt(kind < 6 ? 3 : ORDER_MAX + 1));
                }
            }
            held.forEach(this::give);
        }

        private void take(int order) {
            int head =
                    random.nextInt(8) == 0
                            ? allocateSomewhere(zone, random, order)
                            : zone.allocate(order, random.nextInt(2), stripe);
            if (head != NO_FRAME) {
                own(head, order);
            }
        }

        private void takeBatch() {
            int count = zone.allocateBatch(batch, 3, random.nextInt(37), 0, stripe);
            for (int i = 3; i < 3 + count; i++) {
                own(batch[i], 0);
            }
        }

        private void own(int head, int order) {
            for (int frame = head; frame < head + (1 << order); frame++) {
                if (!holders.compareAndSet(frame, 0, stripe + 1)) {
                    throw new AssertionError("two owners: frame=" + frame + ", order=" + order);
                }
            }
            held.add(new int[] {head, order});
            heldFrames += 1 << order;
        }

        private void disown(int[] block) {
            for (int frame = block[0]; frame < block[0] + (1 << block[1]); frame++) {
                if (!holders.compareAndSet(frame, stripe + 1, 0)) {
                    throw new AssertionError("another owner: frame=" + frame);
                }
            }
            heldFrames -= 1 << block[1];
        }

        private void give(int[] block) {
            disown(block);
            if (!zone.free(block[0], block[1])) {
                throw new AssertionError("refused: head=" + block[0] + ", order=" + block[1]);
            }
        }

        private void giveSingles() {
            int count = 0;
            for (int i = held.size() - 1; i >= 0 && count < batch.length; i--) {
                int[] block = held.get(i);
                if (block[1] == 0) {
                    disown(block);
                    batch[count++] = block[0];
                    held.remove(i);
                }
            }
            if (zone.freeBatch(batch, 0, count, 0) != count) {
                throw new AssertionError("refused: batch=" + Arrays.toString(batch));
            }
        }
    }

    private static int allocateSomewhere(BuddyZone zone, SplittableRandom random, int order) {
        int head = random.nextInt(zone.frameCount()) & -(1 << order);
        return zone.allocateAt(head, order, 0) ? head : NO_FRAME;
    }

    private static int[] blocks(BuddyZone zone) {
        int[] blocks = new int[ORDER_MAX + 1];
        zone.freeBlocks(blocks);
        return blocks;
    }

    private static void shuffle(int[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldTakeACertainBlockOnceAndMergeItBack(int order) {
        BuddyZone zone = zone(4096);
        int length = 1 << order;
        int head = 2048 + 1024 - length; // the last of the third of four
        assertThat(zone.allocateAt(head, order, 0)).isTrue();
        assertThat(zone.freeFrames()).isEqualTo(4096 - length);
        for (int frame = head; frame < head + length; frame++) {
            assertThat(zone.isFree(frame)).isFalse();
        }
        assertThat(zone.isFree(head + length)).isTrue();
        assertThat(zone.isFree(head - 1)).isTrue();
        zone.verify();
        assertThat(zone.allocateAt(head, order, 0)).isFalse();
        assertThat(zone.freeFrames()).isEqualTo(4096 - length);
        assertThat(zone.free(head, order)).isTrue();
        assertThat(zone.allocateAt(2048, ORDER_MAX, 0)).isTrue();
        assertThat(zone.free(2048, ORDER_MAX)).isTrue();
    }

    @Test
    void shouldNotTakeACertainBlockThatIsFreeInPart() {
        BuddyZone zone = zone(2048);
        assertThat(zone.allocateAt(700, 0, 0)).isTrue();
        for (int order = 0; order <= ORDER_MAX; order++) {
            assertThat(zone.allocateAt(700 & -(1 << order), order, 0)).isFalse();
        }
        assertThat(zone.freeFrames()).isEqualTo(2047);
        assertThat(zone.allocateAt(701, 0, 0)).isTrue();
        assertThat(zone.free(700, 0)).isTrue();
        assertThat(zone.free(701, 0)).isTrue();
        assertThat(zone.allocateAt(0, ORDER_MAX, 0)).isTrue();
        assertThat(zone.free(0, ORDER_MAX)).isTrue();
    }

    @Test
    void shouldNotTakeACertainBlockFromTheReserveNorWhatIsNoBlock() {
        BuddyZone zone = zone(1000);
        assertThat(zone.allocateAt(0, 9, 489)).isFalse();
        assertThat(zone.allocateAt(0, 9, 488)).isTrue();
        assertThat(zone.free(0, 9)).isTrue();
        assertThat(zone.allocateAt(512, 9, 0)).isFalse(); // ends behind the zone
        assertThat(zone.allocateAt(4, 3, 0)).isFalse(); // not aligned
        assertThat(zone.allocateAt(-8, 3, 0)).isFalse();
        assertThat(zone.allocateAt(1000, 0, 0)).isFalse();
        assertThat(zone.freeFrames()).isEqualTo(1000);
        assertThatThrownBy(() -> zone.allocateAt(0, 11, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
