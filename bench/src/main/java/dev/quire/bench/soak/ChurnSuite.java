package dev.quire.bench.soak;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.run.Parallel;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Threads take blocks of all orders until there are none, mark every frame of them, pin them, hand
 * them on to each other, and look before they give them back whether the marks are still theirs. In
 * the end every frame is free.
 */
final class ChurnSuite implements Suite {
    private static final int FRAME_BYTES = 1 << 12;
    private static final long MEMORY_BYTES = 64 << 20;

    private final SoakHooks hooks;
    private final AtomicLong marks = new AtomicLong();

    /** A block that somebody has, and what is at both ends of each of its frames. */
    private record Block(int frame, int order, long mark) {}

    ChurnSuite(SoakHooks hooks) {
        this.hooks = hooks;
    }

    @Override
    public Counts run(Turn turn) throws IOException {
        AtomicLong operations = new AtomicLong();
        Queue<Block> handedOn = new ConcurrentLinkedQueue<>();
        long deadlineNanos = turn.deadlineNanos();
        try (PageAllocator allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .pageBytes(FRAME_BYTES)
                                .capacityBytes(MEMORY_BYTES)
                                .build())) {
            int free = allocator.freeFrames();
            Parallel.run(
                    turn.threads(),
                    id -> {
                        Churner churner =
                                new Churner(
                                        allocator,
                                        new SplittableRandom(turn.seed() + id),
                                        handedOn);
                        while (System.nanoTime() - deadlineNanos < 0) {
                            churner.step();
                            operations.incrementAndGet();
                        }
                        churner.giveAllBack();
                    });
            for (Block block = handedOn.poll(); block != null; block = handedOn.poll()) {
                giveBack(allocator, block);
            }
            allocator.drainCaches();
            allocator.verify();
            if (allocator.freeFrames() != free) {
                throw new AssertionError(
                        "%d frames must be free and %d are"
                                .formatted(free, allocator.freeFrames()));
            }
        }
        return Counts.good(operations.get());
    }

    private void giveBack(PageAllocator allocator, Block block) {
        MemorySegment memory = allocator.segment(block.frame);
        for (long at = 0; at < memory.byteSize(); at += FRAME_BYTES) {
            expect(memory, at, block);
            expect(memory, at + FRAME_BYTES - Long.BYTES, block);
        }
        allocator.put(block.frame);
    }

    private static void expect(MemorySegment memory, long at, Block block) {
        long found = memory.get(ValueLayout.JAVA_LONG, at);
        if (found != block.mark) {
            throw new AssertionError(
                    "frame %d, order %d: the mark at %d must be %d and is %d"
                            .formatted(block.frame, block.order, at, block.mark, found));
        }
    }

    /** One thread's part. */
    private final class Churner {
        private final PageAllocator allocator;
        private final SplittableRandom random;
        private final Queue<Block> handedOn;
        private final List<Block> mine = new ArrayList<>();

        Churner(PageAllocator allocator, SplittableRandom random, Queue<Block> handedOn) {
            this.allocator = allocator;
            this.random = random;
            this.handedOn = handedOn;
        }

        void step() {
            int dice = random.nextInt(16);
            if (dice < 8) {
                take();
            } else if (dice < 9) {
                pin();
            } else if (dice < 10) {
                Block block = drawn();
                if (block != null) {
                    handedOn.add(block);
                }
            } else if (dice < 11) {
                Block block = handedOn.poll();
                if (block != null) {
                    giveBack(allocator, block);
                }
            } else {
                Block block = drawn();
                if (block != null) {
                    giveBack(allocator, block);
                }
            }
        }

        void giveAllBack() {
            mine.forEach(block -> giveBack(allocator, block));
            mine.clear();
        }

        private void take() {
            // Small ones far more often, so that all orders hold about as much memory.
            int order = Integer.numberOfTrailingZeros(random.nextInt() | 1 << 9);
            int frame = allocator.tryAllocate(order);
            if (frame == PageAllocator.NO_FRAME) {
                for (int half = mine.size() / 2; half > 0; half--) {
                    giveBack(allocator, mine.removeLast());
                }
                return;
            }
            Block block = new Block(frame, order, marks.incrementAndGet());
            MemorySegment memory = allocator.segment(frame);
            for (long at = 0; at < memory.byteSize(); at += FRAME_BYTES) {
                memory.set(ValueLayout.JAVA_LONG, at, block.mark);
                memory.set(ValueLayout.JAVA_LONG, at + FRAME_BYTES - Long.BYTES, block.mark);
            }
            hooks.written(memory);
            mine.add(block);
        }

        private void pin() {
            if (mine.isEmpty()) {
                return;
            }
            Block block = mine.get(random.nextInt(mine.size()));
            allocator.pin(block.frame);
            allocator.get(block.frame);
            expect(allocator.segment(block.frame), 0, block);
            allocator.put(block.frame);
            allocator.unpin(block.frame);
        }

        private @Nullable Block drawn() {
            if (mine.isEmpty()) {
                return null;
            }
            int at = random.nextInt(mine.size());
            Block last = mine.removeLast();
            return at == mine.size() ? last : mine.set(at, last);
        }
    }
}
