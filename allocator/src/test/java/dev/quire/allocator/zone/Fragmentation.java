package dev.quire.allocator.zone;

import java.util.Arrays;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;

/**
 * The fragmentation protocol of LLFree's authors: fill a zone with single frames, free a random
 * half, then let every round free a random tenth of what is held and take as many again. How many
 * huge blocks (order 9) are free in the end says how well the zone packs.
 *
 * <p>Frames are taken and given in batches of 32, as the caches in front of a zone do it.
 */
public final class Fragmentation {
    private static final int BATCH = 32;
    private static final int HUGE_ORDER = 9;

    private final BuddyZone zone;
    private final int threads;
    private final int rounds;
    private final long seed;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /**
     * A run of the protocol.
     *
     * @param zone all free
     * @param threads how many, each with a stripe of its own
     * @param rounds how often a tenth is freed and taken again
     * @param seed of what is random
     */
    public Fragmentation(BuddyZone zone, int threads, int rounds, long seed) {
        this.zone = zone;
        this.threads = threads;
        this.rounds = rounds;
        this.seed = seed;
    }

    /**
     * What it led to.
     *
     * @param free huge blocks that are free
     * @param possible how many could be, with as many free frames
     */
    public record Result(int free, int possible) {
        /**
         * The share of huge blocks that came back.
         *
         * @return 0..1
         */
        public double recovered() {
            return (double) free / possible;
        }
    }

    /**
     * Runs it.
     *
     * @return the free huge blocks afterwards
     * @throws InterruptedException when interrupted
     */
    public Result run() throws InterruptedException {
        CyclicBarrier barrier = new CyclicBarrier(threads);
        Thread[] workers = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            Worker worker = new Worker(t, barrier);
            workers[t] = Thread.ofPlatform().start(worker);
        }
        for (Thread worker : workers) {
            worker.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(failures.remove());
        }
        int[] blocks = new int[BuddyZone.ORDER_MAX + 1];
        zone.freeBlocks(blocks);
        int free = blocks[HUGE_ORDER] + 2 * blocks[HUGE_ORDER + 1];
        return new Result(free, zone.freeFrames() >> HUGE_ORDER);
    }

    private final class Worker implements Runnable {
        private final int stripe;
        private final CyclicBarrier barrier;
        private final SplittableRandom random;
        private final int[] held = new int[zone.frameCount()];
        private final int[] batch = new int[BATCH];
        private int count;

        Worker(int stripe, CyclicBarrier barrier) {
            this.stripe = stripe;
            this.barrier = barrier;
            random = new SplittableRandom(seed + stripe);
        }

        @Override
        public void run() {
            try {
                take(held.length);
                barrier.await(); // All is taken before the first frame is freed.
                give(count / 2);
                for (int round = 0; round < rounds; round++) {
                    int some = count / 10;
                    give(some);
                    take(some);
                }
            } catch (InterruptedException | BrokenBarrierException | RuntimeException | Error e) {
                failures.add(e);
                barrier.reset();
            }
        }

        private void take(int wanted) {
            int target = count + wanted;
            int found = 1;
            while (found > 0 && count < target) {
                int some = Math.min(BATCH, target - count);
                found = zone.allocateBatch(held, count, some, 0, stripe);
                count += found;
            }
        }

        private void give(int wanted) {
            for (int given = 0; given < wanted; given += BATCH) {
                int some = Math.min(BATCH, wanted - given);
                for (int i = 0; i < some; i++) {
                    int at = random.nextInt(count);
                    batch[i] = held[at];
                    held[at] = held[--count];
                }
                if (zone.freeBatch(batch, 0, some, 0) != some) {
                    throw new AssertionError("free refused: " + Arrays.toString(batch));
                }
            }
        }
    }
}
