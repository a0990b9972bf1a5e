package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What an allocation may do, narrowing, and shrinkers that misbehave. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AllocContextTest extends AllocatorFixture {
    private final List<AllocContext> asked = Collections.synchronizedList(new ArrayList<>());

    /** Notes what it is asked for, and frees nothing. */
    private final class Asked implements Shrinker {
        @Override
        public void wake() {}

        @Override
        public int reclaim(int frames, AllocContext context) {
            asked.add(context);
            return 0;
        }
    }

    /** All frames but the reserve of 2 are taken. */
    private PageAllocator full(Shrinker shrinker) {
        PageAllocator allocator = create(config(8).watermarksFrames(2, 2, 2));
        allocator.shrinker(shrinker);
        int[] frames = new int[6];
        assertThat(allocator.allocateBatch(frames, 0, 6)).isEqualTo(6);
        return allocator;
    }

    private static void putAll(PageAllocator allocator, int count) {
        for (int frame = 0; frame < allocator.frameCount() && count > 0; frame++) {
            if (allocator.refCount(frame) > 0) {
                allocator.put(frame);
                count--;
            }
        }
        assertThat(count).isZero();
    }

    @Test
    void shouldAllowInsideAnotherContextWhatBothAllow() {
        for (AllocContext inner : AllocContext.values()) {
            assertThat(inner.within(inner)).isEqualTo(inner);
            assertThat(inner.within(AllocContext.NORMAL)).isEqualTo(inner);
            for (AllocContext outer : AllocContext.values()) {
                AllocContext both = inner.within(outer);
                assertThat(both.mayBlock()).isEqualTo(inner.mayBlock() && outer.mayBlock());
                assertThat(both.mayReclaim()).isEqualTo(inner.mayReclaim() && outer.mayReclaim());
                assertThat(both.mayDoIo()).isEqualTo(inner.mayDoIo() && outer.mayDoIo());
                assertThat(both.mayUseReserve())
                        .isEqualTo(inner.mayUseReserve() || outer.mayUseReserve());
                assertThat(both).isEqualTo(outer.within(inner));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldDoWhatTheContextAllowsAndNoMore(AllocContext context) {
        PageAllocator allocator = full(new Asked());
        int frame = allocator.tryAllocate(0, context);
        if (context.mayUseReserve()) {
            assertThat(frame).isNotEqualTo(NO_FRAME);
            assertThat(asked).as("there was something in the reserve").isEmpty();
            int last = allocator.allocate(0, context);
            assertThat(allocator.tryAllocate(0, context)).isEqualTo(NO_FRAME);
            allocator.put(last);
            allocator.put(frame);
        } else {
            assertThat(frame).isEqualTo(NO_FRAME);
            assertThatThrownBy(() -> allocator.allocate(0, context))
                    .isInstanceOf(OutOfFramesException.class);
        }
        if (context.mayReclaim()) {
            assertThat(asked).isNotEmpty().containsOnly(context);
        } else {
            assertThat(asked).isEmpty();
        }
        putAll(allocator, 6);
    }

    @ParameterizedTest
    @EnumSource
    void shouldFreeDeferredFramesOnlyWhereItMayBlock(AllocContext context) { // S1.5
        PageAllocator allocator = create(1);
        AtomicInteger unlinked = new AtomicInteger();
        int frame = allocateOnLru(allocator);
        allocator.onDeferred(
                deferred -> {
                    unlinked.incrementAndGet();
                    return claimDeferred(allocator, deferred);
                });
        allocator.put(frame);
        int again = allocator.tryAllocate(0, context);
        assertThat(again).isEqualTo(context.mayBlock() ? frame : NO_FRAME);
        assertThat(unlinked).hasValue(context.mayBlock() ? 1 : 0);
        assertThat(allocator.tryAllocate(0)).isEqualTo(context.mayBlock() ? NO_FRAME : frame);
        allocator.put(frame);
    }

    @Test
    void shouldNarrowTheAllocationsOfThisThreadForAWhile() throws Exception {
        PageAllocator allocator = full(new Asked());
        Runnable normal =
                () -> assertThat(allocator.tryAllocate(0, AllocContext.NORMAL)).isEqualTo(NO_FRAME);
        allocator.callIn(
                AllocContext.NO_IO,
                () -> {
                    normal.run();
                    assertThat(asked).isNotEmpty().containsOnly(AllocContext.NO_IO);
                    asked.clear();
                    allocator.callIn(
                            AllocContext.NORMAL,
                            () -> {
                                normal.run();
                                return 0;
                            });
                    assertThat(asked).as("nobody widens").containsOnly(AllocContext.NO_IO);
                    asked.clear();
                    Thread other = new Thread(normal);
                    other.start();
                    other.join();
                    assertThat(asked).as("another thread").containsOnly(AllocContext.NORMAL);
                    return 0;
                });
        asked.clear();
        allocator.callIn(
                AllocContext.NO_RECLAIM,
                () -> {
                    normal.run();
                    return 0;
                });
        assertThat(asked).isEmpty();
        assertThatThrownBy(
                        () ->
                                allocator.callIn(
                                        AllocContext.NO_WAIT,
                                        () -> {
                                            throw new IOException("from inside");
                                        }))
                .isInstanceOf(IOException.class);
        normal.run();
        assertThat(asked).as("over").isNotEmpty().containsOnly(AllocContext.NORMAL);
        putAll(allocator, 6);
    }

    @Test
    void shouldNarrowOneAllocatorOnly() {
        PageAllocator narrowed = full(new Asked());
        PageAllocator other = full(new Asked());
        int answer =
                narrowed.callIn(
                        AllocContext.NO_RECLAIM,
                        () -> {
                            assertThat(narrowed.tryAllocate(0, AllocContext.NORMAL))
                                    .isEqualTo(NO_FRAME);
                            assertThat(asked).isEmpty();
                            assertThat(other.tryAllocate(0, AllocContext.NORMAL))
                                    .isEqualTo(NO_FRAME);
                            return asked.size();
                        });
        assertThat(answer).isEqualTo(PageAllocator.RECLAIM_ROUNDS_MAX);
        putAll(narrowed, 6);
        putAll(other, 6);
    }

    @Test
    void shouldLeaveNothingOfTheReserveInAFrameCache() {
        PageAllocator allocator = create(config(256).cacheFrames(64).watermarksFrames(64, 64, 64));
        int[] frames = new int[256];
        int taken = 0;
        int frame = allocator.tryAllocate(0);
        while (frame != NO_FRAME) {
            frames[taken++] = frame;
            frame = allocator.tryAllocate(0);
        }
        assertThat(taken).as("all but the reserve").isEqualTo(192);
        frames[taken++] = allocator.tryAllocate(0, AllocContext.RESERVE);
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        assertThat(allocator.stats().allocatedFrames()).isEqualTo(193);
        allocator.put(frames[--taken]);
        assertThat(allocator.stats().cachedFrames()).as("put back into the reserve").isZero();
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        allocator.putBatch(frames, 0, taken);
    }

    // ---- shrinkers

    @Test
    void shouldLetOthersAllocateWhileOneHangsInTheShrinker() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        PageAllocator allocator =
                full(
                        new Shrinker() {
                            @Override
                            public void wake() {}

                            @Override
                            public int reclaim(int frames, AllocContext context) {
                                inside.countDown();
                                try {
                                    go.await();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                                return 0;
                            }
                        });
        Thread hangs = new Thread(() -> allocator.tryAllocate(0, AllocContext.NORMAL));
        hangs.start();
        inside.await();
        assertThat(allocator.tryAllocate(0)).as("a value, at once").isEqualTo(NO_FRAME);
        int reserve = allocator.tryAllocate(0, AllocContext.RESERVE);
        assertThat(reserve).isNotEqualTo(NO_FRAME);
        allocator.put(reserve);
        putAll(allocator, 1);
        int frame = allocator.allocate(0);
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        assertThat(hangs.isAlive()).isTrue();
        go.countDown();
        hangs.join();
        allocator.put(frame);
        putAll(allocator, 5);
    }

    @Test
    void shouldNotRecurseThroughAWakeThatAllocates() {
        PageAllocator allocator = create(config(64).watermarksFrames(2, 64, 64));
        AtomicInteger depth = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        allocator.shrinker(
                new Shrinker() {
                    @Override
                    public void wake() {
                        deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                        allocator.put(allocator.allocate(1));
                        depth.decrementAndGet();
                    }

                    @Override
                    public int reclaim(int frames, AllocContext context) {
                        return 0;
                    }
                });
        int block = allocator.allocate(4);
        assertThat(deepest).hasValue(1);
        allocator.put(block);
        assertThat(allocator.stats().shrinkerFailures()).isZero();
    }

    @Test
    void shouldFailInBoundedTimeAndWithTheNumbersWhenAllIsPinned() {
        PageAllocator allocator = full(new Asked());
        for (int frame = 0; frame < 8; frame++) {
            allocator.tryPin(frame);
        }
        long start = System.nanoTime();
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(OutOfFramesException.class)
                .hasMessageContaining("freeFrames=2")
                .hasMessageContaining("reserveFrames=2")
                .hasMessageContaining("capacityFrames=8")
                .hasMessageContaining("allocatedFrames=6")
                .hasMessageContaining("reclaimedFrames=0");
        // 16 rounds with waits of 2 to 1024 µs between them: about 8 ms on an idle machine.
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
        assertThat(asked).hasSize(PageAllocator.RECLAIM_ROUNDS_MAX);
        for (int frame = 0; frame < 8; frame++) {
            if (allocator.pinCount(frame) > 0) {
                allocator.unpin(frame);
            }
        }
        putAll(allocator, 6);
    }
}
