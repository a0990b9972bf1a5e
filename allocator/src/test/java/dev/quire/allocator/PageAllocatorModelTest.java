package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Random operations on the real allocator, beside a model. Every block carries a stamp of its own
 * in each of its frames from the moment it is allocated until its last reference goes: two owners
 * of one frame would find each other's.
 *
 * <p>{@code -Dmodel.seeds} and {@code -Dmodel.operations} say how many runs of each kind there are,
 * and how long one is: the profile {@code campaign} makes them more than 10 million operations.
 */
class PageAllocatorModelTest extends AllocatorFixture {
    private static final int OPERATIONS = Integer.getInteger("model.operations", 30_000);
    private static final int SEEDS = Integer.getInteger("model.seeds", 1);
    private static final int FRAMES = 2700; // no power of two, and two blocks of every order
    private static final int FRAMES_COUNTED = 700;
    private static final int BATCH_MAX = 64;

    private final AtomicLong stamps = new AtomicLong();

    /** One reference to a block, and what the block must contain. */
    private record Ref(int frame, int order, long stamp) {}

    /** The seeds of a test's runs; replaying one makes it the first. */
    private static LongStream seeds() {
        long first = Long.getLong("seed", System.nanoTime());
        return LongStream.range(0, SEEDS).map(run -> first + run * 1000);
    }

    private static void print(String run, long seed) {
        System.out.println(
                "PageAllocatorModelTest " + run + ", " + OPERATIONS + " operations -Dseed=" + seed);
    }

    private void stamp(PageAllocator allocator, Ref ref) {
        MemorySegment block = allocator.segment(ref.frame);
        for (int i = 0; i < 1 << ref.order; i++) {
            block.set(ValueLayout.JAVA_LONG, i * 4096L, ref.stamp + i);
            block.set(ValueLayout.JAVA_LONG, i * 4096L + 4088, ref.stamp + i);
        }
    }

    private static void check(PageAllocator allocator, Ref ref) {
        MemorySegment block = allocator.segment(ref.frame);
        if (allocator.order(ref.frame) != ref.order) {
            throw new AssertionError("another order: " + allocator.frames().describe(ref.frame));
        }
        for (int i = 0; i < 1 << ref.order; i++) {
            long first = block.get(ValueLayout.JAVA_LONG, i * 4096L);
            long last = block.get(ValueLayout.JAVA_LONG, i * 4096L + 4088);
            if (first != ref.stamp + i || last != ref.stamp + i) {
                throw new AssertionError(
                        "two owners: "
                                + ref
                                + ", found "
                                + first
                                + " in "
                                + allocator.frames().describe(ref.frame));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,0", "1,64", "2,0", "2,64", "4,0", "4,64", "8,0", "8,64"})
    void shouldNeverGiveAFrameToTwoOwners(int threads, int cacheFrames) {
        seeds().forEach(
                        seed -> {
                            print("threads=" + threads + " cacheFrames=" + cacheFrames, seed);
                            run(threads, cacheFrames, seed);
                        });
    }

    private void run(int threads, int cacheFrames, long seed) {
        PageAllocator allocator = create(config(FRAMES).cacheFrames(cacheFrames));
        String initial = allocator.buddyInfo().toString();
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        Queue<Ref> mail = new ConcurrentLinkedQueue<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> workers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Worker worker = new Worker(allocator, mail, new SplittableRandom(seed + t));
            workers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            worker.run(OPERATIONS / threads);
                                        } catch (RuntimeException | Error e) {
                                            failures.add(e);
                                        }
                                    }));
        }
        workers.forEach(PageAllocatorModelTest::join);
        assertThat(failures).as("-Dseed=" + seed).isEmpty();
        for (Ref ref = mail.poll(); ref != null; ref = mail.poll()) {
            check(allocator, ref);
            allocator.put(ref.frame);
        }
        allocator.drainDeferred();
        allocator.drainCaches();
        assertThat(badPages).isEmpty();
        assertThat(allocator.freeFrames()).isEqualTo(FRAMES);
        assertThat(allocator.buddyInfo()).hasToString(initial);
        AllocatorStats stats = allocator.stats();
        assertThat(stats.allocations()).isEqualTo(stats.frees()).isGreaterThan(OPERATIONS / 10);
        allocator.verify();
        allocator.close();
    }

    private static void join(Thread worker) {
        try {
            worker.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One thread: allocates, shares references with the others by mail, puts, pins, freezes. */
    private final class Worker {
        private final PageAllocator allocator;
        private final Queue<Ref> mail;
        private final SplittableRandom random;
        private final List<Ref> held = new ArrayList<>();

        Worker(PageAllocator allocator, Queue<Ref> mail, SplittableRandom random) {
            this.allocator = allocator;
            this.mail = mail;
            this.random = random;
        }

        void run(int operations) {
            for (int i = 0; i < operations; i++) {
                step();
            }
            while (!held.isEmpty()) {
                drop(held.removeLast());
            }
        }

        private void step() {
            int choice = random.nextInt(100);
            if (choice < 30) {
                allocate(choice < 20 ? 0 : order());
            } else if (choice < 34) {
                allocateBatch();
            } else if (choice < 36) {
                allocator.drainDeferred();
            } else if (choice < 46) {
                receive();
            } else if (!held.isEmpty()) {
                use(choice);
            }
        }

        private void use(int choice) {
            int index = random.nextInt(held.size());
            Ref ref = held.get(index);
            check(allocator, ref);
            if (choice < 56) {
                allocator.get(ref.frame);
                mail.add(ref);
            } else if (choice < 66) {
                allocator.pin(ref.frame);
                check(allocator, ref);
                allocator.unpin(ref.frame);
            } else if (choice < 72) {
                freeze(index, ref);
            } else if (choice < 75) {
                putBatch();
            } else {
                held.remove(index);
                drop(ref);
            }
        }

        /** All of them, the large ones rarely: they leave little to the others. */
        private int order() {
            return random.nextInt(20) == 0 ? random.nextInt(11) : random.nextInt(5);
        }

        private void allocate(int order) {
            int frame = allocator.tryAllocate(order);
            if (frame != NO_FRAME) {
                hold(new Ref(frame, order, stamps.getAndAdd(1024)));
            }
        }

        private void allocateBatch() {
            int[] frames = new int[1 + random.nextInt(BATCH_MAX)];
            int taken = allocator.allocateBatch(frames, 0, frames.length);
            for (int i = 0; i < taken; i++) {
                hold(new Ref(frames[i], 0, stamps.getAndAdd(1024)));
            }
        }

        private void hold(Ref ref) {
            stamp(allocator, ref);
            held.add(ref);
        }

        private void receive() {
            Ref ref = mail.poll();
            if (ref != null) {
                check(allocator, ref);
                drop(ref);
            }
        }

        /** Puts a reference; sometimes of a page that is still on an LRU list. */
        private void drop(Ref ref) {
            if (random.nextInt(8) == 0) {
                allocator.frames().update(ref.frame, FrameState::setLru);
            }
            allocator.put(ref.frame);
        }

        private void putBatch() {
            int count = Math.min(held.size(), 1 + random.nextInt(BATCH_MAX));
            int[] frames = new int[count];
            for (int i = 0; i < count; i++) {
                Ref ref = held.removeLast();
                check(allocator, ref);
                frames[i] = ref.frame;
            }
            allocator.putBatch(frames, 0, count);
        }

        private void freeze(int index, Ref ref) {
            if (!allocator.tryFreeze(ref.frame, 1)) {
                return;
            }
            boolean listed = FrameState.any(allocator.frames().word(ref.frame), FrameState.LRU);
            if (listed || random.nextBoolean()) {
                allocator.unfreeze(ref.frame, 1);
                check(allocator, ref);
            } else {
                held.remove(index);
                if (random.nextBoolean()) {
                    allocator.freeFrozen(ref.frame);
                } else {
                    allocator.freeFrozenBatch(new int[] {ref.frame}, 0, 1);
                }
            }
        }
    }

    @Test
    void shouldAgreeWithCountsKeptBesideItAlsoUnderMisuse() {
        seeds().forEach(
                        seed -> {
                            print("counts", seed);
                            runWithCounts(new SplittableRandom(seed));
                        });
    }

    private void runWithCounts(SplittableRandom random) {
        PageAllocator allocator = create(FRAMES_COUNTED);
        int[] refs = new int[FRAMES_COUNTED];
        int[] pins = new int[FRAMES_COUNTED];
        int[] orders = new int[FRAMES_COUNTED];
        int free = FRAMES_COUNTED;
        for (int i = 0; i < OPERATIONS; i++) {
            int frame = random.nextInt(FRAMES_COUNTED);
            switch (random.nextInt(6)) {
                case 0 -> {
                    int order = random.nextInt(4);
                    int got = allocator.tryAllocate(order);
                    if (got != NO_FRAME) {
                        assertThat(refs[got]).as("frame %s was free", got).isZero();
                        refs[got] = 1;
                        orders[got] = order;
                        free -= 1 << order;
                    }
                }
                case 1 -> {
                    boolean may = refs[frame] > 0;
                    assertThat(succeeds(() -> allocator.get(frame))).isEqualTo(may);
                    refs[frame] += may ? 1 : 0;
                }
                case 2 -> {
                    boolean may = refs[frame] > 0;
                    assertThat(allocator.tryPin(frame)).isEqualTo(may);
                    refs[frame] += may ? 1 : 0;
                    pins[frame] += may ? 1 : 0;
                }
                case 3 -> {
                    boolean may = pins[frame] > 0;
                    assertThat(succeeds(() -> allocator.unpin(frame))).isEqualTo(may);
                    refs[frame] -= may ? 1 : 0;
                    pins[frame] -= may ? 1 : 0;
                    free += may && refs[frame] == 0 ? 1 << orders[frame] : 0;
                }
                default -> {
                    boolean may = refs[frame] > pins[frame];
                    assertThat(succeeds(() -> allocator.put(frame))).isEqualTo(may);
                    refs[frame] -= may ? 1 : 0;
                    free += may && refs[frame] == 0 ? 1 << orders[frame] : 0;
                }
            }
            assertThat(allocator.freeFrames()).isEqualTo(free);
            assertThat(allocator.refCount(frame)).isEqualTo(refs[frame]);
            assertThat(allocator.pinCount(frame)).isEqualTo(pins[frame]);
            if (i % 1000 == 0) {
                allocator.verify();
            }
        }
        allocator.close();
    }

    private static boolean succeeds(Runnable use) {
        try {
            use.run();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
