package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;
import static dev.quire.allocator.PageAllocator.ORDER_MAX;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;

/** The allocator with frame caches in front of its zone. */
class FrameCachingTest extends AllocatorFixture {
    private PageAllocator cached(int frameCount) {
        return create(config(frameCount).cacheFrames(64));
    }

    @Test
    void shouldKeepAFrameReadyForTheThreadThatPutIt() {
        PageAllocator allocator = cached(1024);
        int frame = allocator.allocate(0);
        allocator.put(frame);
        assertThat(allocator.frames().word(frame)).isEqualTo(FrameState.SPARE);
        assertThat(allocator.allocate(0)).isEqualTo(frame);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.put(frame);
        assertThat(allocator.stats().allocations()).isEqualTo(2);
        assertThat(allocator.stats().frees()).isEqualTo(2);
        assertThat(allocator.stats().cachedFrames()).isEqualTo(32);
        assertThat(allocator.stats().freeFrames()).isEqualTo(1024 - 32);
        assertThat(allocator.freeFrames()).isEqualTo(1024);
    }

    @Test
    void shouldKeepSmallBlocksReadyByOrder() {
        PageAllocator allocator = cached(1024);
        int pair = allocator.allocate(1);
        int four = allocator.allocate(2);
        allocator.put(pair);
        allocator.put(four);
        assertThat(allocator.allocate(2)).isEqualTo(four);
        assertThat(allocator.order(four)).isEqualTo(2);
        assertThat(allocator.allocate(1)).isEqualTo(pair);
        allocator.put(pair);
        allocator.put(four);
    }

    @Test
    void shouldDrainTheCachesOfThreadsThatSleepBeforeAnAllocationFails() throws Exception {
        PageAllocator allocator = cached(1024);
        CountDownLatch put = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread sleeper =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    allocator.put(allocator.allocate(0));
                                    put.countDown();
                                    awaitQuietly(done);
                                });
        put.await();
        assertThat(allocator.tryAllocate(ORDER_MAX)).isZero();
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        allocator.put(0);
        done.countDown();
        sleeper.join();
    }

    @Test
    void shouldHandOutEveryFrameWhoeverPutIt() throws Exception {
        PageAllocator allocator = cached(1024);
        Thread.ofVirtual().start(() -> allocator.put(allocator.allocate(0))).join();
        Thread.ofPlatform().start(() -> allocator.put(allocator.allocate(3))).join();
        int[] frames = new int[1024];
        for (int i = 0; i < 1024; i++) {
            frames[i] = allocator.allocate(0);
        }
        assertThatThrownBy(() -> allocator.allocate(0)).isInstanceOf(OutOfFramesException.class);
        allocator.putBatch(frames, 0, 1024);
        assertThat(allocator.buddyInfo().freeBlocks(ORDER_MAX)).isEqualTo(1);
    }

    @Test
    void shouldMergeBlocksAgainWhenCachesAreDrained() {
        PageAllocator allocator = cached(1024);
        allocator.put(allocator.allocate(0));
        allocator.put(allocator.allocate(3));
        assertThat(allocator.drainCaches()).isEqualTo(32 + 8);
        assertThat(allocator.buddyInfo().freeBlocks(ORDER_MAX)).isEqualTo(1);
        assertThat(allocator.drainCaches()).isZero();
    }

    @Test
    void shouldReportTheSecondPutOfAFrameThatIsKeptReady() {
        PageAllocator allocator = cached(1024);
        int frame = allocator.allocate(0);
        allocator.put(frame);
        assertThatThrownBy(() -> allocator.put(frame)).hasMessageContaining("SPARE");
        assertThat(allocator.tryGet(frame)).isFalse();
        assertThatThrownBy(() -> allocator.get(frame)).hasMessageContaining("SPARE");
        assertThat(badPages).hasSize(2);
        assertThat(allocator.allocate(0)).isEqualTo(frame);
        assertThat(allocator.allocate(0)).isNotEqualTo(frame);
    }

    @Test
    void shouldCheckAPageThatIsMarkedInTheLongWay() {
        PageAllocator allocator = cached(1024);
        int frame = allocator.allocate(0);
        allocator.frames().set(frame, FrameState.UPTODATE);
        allocator.put(frame);
        assertThat(allocator.frames().word(frame)).isEqualTo(FrameState.FREE);
        int dirty = allocator.allocate(0);
        allocator.frames().set(dirty, FrameState.DIRTY);
        allocator.put(dirty);
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
        int owned = allocator.allocate(0);
        allocator.frames().own(owned, 7, 3);
        allocator.put(owned);
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(2);
    }

    @Test
    void shouldLeaveTheReserveInTheZoneWhenItRefills() {
        PageAllocator allocator = create(config(64).cacheFrames(32).watermarksFrames(60, 61, 62));
        int taken = 0;
        while (allocator.tryAllocate(0) != NO_FRAME) {
            taken++;
        }
        assertThat(taken).isEqualTo(4);
        assertThat(allocator.tryAllocate(0, AllocContext.ATOMIC)).isNotEqualTo(NO_FRAME);
    }

    @Test
    void shouldAllocateNothingOnceClosedAlsoFromACache() {
        PageAllocator allocator = cached(1024);
        int frame = allocator.allocate(0);
        allocator.close();
        allocator.put(frame);
        assertThatThrownBy(() -> allocator.allocate(0)).hasMessageContaining("closed");
    }

    @Test
    void shouldHaveNoCachesByDefaultWhenFramesAreFew() {
        assertThat(config(8191).build().cacheFrames()).isZero();
        assertThat(config(8192).build().cacheFrames()).isEqualTo(8);
        assertThat(config(1 << 20).build().cacheFrames()).isEqualTo(64);
        assertThatThrownBy(() -> config(64).cacheFrames(65))
                .hasMessage("frames of a cache must be 0..64: cacheFrames=65");
        assertThatThrownBy(() -> config(64).cacheFrames(-1))
                .hasMessage("frames of a cache must be 0..64: cacheFrames=-1");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
