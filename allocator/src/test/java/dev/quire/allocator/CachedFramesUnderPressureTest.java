package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What frame caches may not change: what is free can be had, and what is wrong is contained. */
class CachedFramesUnderPressureTest extends AllocatorFixture {
    private static final int MANY = 16_384;

    @Test
    void shouldSayThatAFrameIsFreeThoughACacheKeepsIt() { // as of one that the zone has
        PageAllocator allocator = create(config(MANY).cacheFrames(16));
        int frame = allocator.allocate(0);
        allocator.put(frame);
        assertThat(allocator.frames().word(frame)).isEqualTo(FrameState.SPARE);
        assertThatThrownBy(() -> allocator.segment(frame))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> allocator.order(frame)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldLetTheBadPageHandlerAllocateWhileACacheIsRefilled() {
        PageAllocator[] allocator = new PageAllocator[1];
        List<Integer> handed = new ArrayList<>();
        allocator[0] =
                create(
                        config(MANY)
                                .cacheFrames(16)
                                .onBadPage(
                                        report -> {
                                            badPages.add(report);
                                            for (int i = 0; i < 3; i++) {
                                                handed.add(allocator[0].allocate(0));
                                            }
                                        }));
        int damaged = 0; // The lowest frame is the first of the first refill.
        allocator[0].frames().update(damaged, FrameState::quarantine);
        handed.add(allocator[0].allocate(0));
        assertThat(badPages).hasSize(1);
        assertThat(handed).hasSize(4).doesNotHaveDuplicates();
        assertThat(handed).allMatch(frame -> allocator[0].refCount(frame) == 1);
        assertThat(allocator[0].stats().quarantinedFrames()).isEqualTo(1);
        handed.forEach(allocator[0]::put);
    }

    @Test
    void shouldQuarantineADamagedFrameWhereverInARefillItIs() {
        PageAllocator allocator = create(config(MANY).cacheFrames(16));
        allocator.frames().update(3, FrameState::quarantine);
        allocator.put(allocator.allocate(0));
        assertThat(badPages).hasSize(1);
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
    }

    @Test
    void shouldAllocateNothingAfterCloseThoughReclaimBeganBefore() {
        PageAllocator allocator = create(config(256).watermarksFrames(0, 0, 0));
        int[] all = new int[256];
        assertThat(allocator.allocateBatch(all, 0, 256)).isEqualTo(256);
        allocator.shrinker(
                new Shrinker() {
                    @Override
                    public void wake() {}

                    @Override
                    public int reclaim(int frames, AllocContext context) {
                        allocator.close();
                        allocator.put(all[0]);
                        return 1;
                    }
                });
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the allocator is closed");
    }

    @Test
    void shouldFillTheReserveBeforeOrdinaryAllocationsFindWhatIsPut() {
        PageAllocator allocator = create(config(MANY).cacheFrames(16).watermarksFrames(64, 64, 64));
        List<Integer> held = new ArrayList<>();
        int frame;
        while ((frame = allocator.tryAllocate(0)) != PageAllocator.NO_FRAME) {
            held.add(frame);
        }
        while ((frame = allocator.tryAllocate(0, AllocContext.ATOMIC)) != PageAllocator.NO_FRAME) {
            held.add(frame);
        }
        for (int i = 0; i < 16; i++) {
            allocator.put(held.removeLast());
        }
        assertThat(allocator.tryAllocate(0)).as("16 of 64").isEqualTo(PageAllocator.NO_FRAME);
        held.forEach(allocator::put);
    }

    @Test
    void shouldFindAFrameWhenMoreAreFreeThanOthersCanHold()
            throws InterruptedException, ExecutionException {
        int threads = 3;
        int held = 10; // by each at most
        PageAllocator allocator = create(config(MANY).cacheFrames(64));
        int[] others = new int[MANY];
        int kept = allocator.allocateBatch(others, 0, MANY - 70);
        List<Future<Integer>> failures = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                failures.add(pool.submit(() -> takeAndPut(allocator, held, 200_000)));
            }
        }
        for (Future<Integer> failure : failures) {
            assertThat(failure.get()).as("failed though 40 frames are free").isZero();
        }
        allocator.putBatch(others, 0, kept);
    }

    private static int takeAndPut(PageAllocator allocator, int held, int rounds) {
        int failures = 0;
        int[] frames = new int[held];
        for (int round = 0; round < rounds; round++) {
            int count = 1 + round % held;
            int taken = allocator.allocateBatch(frames, 0, round % 2 == 0 ? 0 : count);
            failures += round % 2 == 0 || taken == count ? 0 : 1;
            while (taken < count) {
                int frame = allocator.tryAllocate(0);
                if (frame == PageAllocator.NO_FRAME) {
                    failures++;
                    break;
                }
                frames[taken++] = frame;
            }
            for (int i = 0; i < taken; i++) {
                allocator.put(frames[i]);
            }
        }
        return failures;
    }
}
