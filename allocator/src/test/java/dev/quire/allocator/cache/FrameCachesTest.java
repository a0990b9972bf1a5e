package dev.quire.allocator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.Test;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

class FrameCachesTest {
    private final FrameTable frames = new FrameTable(1 << 18);
    private final FrameSink sink =
            new FrameSink() {
                @Override
                public void put(int head) {
                    throw new AssertionError("put " + head);
                }

                @Override
                public void discard(int frame) {
                    throw new AssertionError("discard " + frame);
                }

                @Override
                public void free(int head, int order) {}

                @Override
                public void freeBatch(int[] heads, int from, int count, int order) {}
            };
    private final FrameCaches caches = new FrameCaches(frames, sink, 64);

    @Test
    void shouldGiveAPlatformThreadTheSameCacheEveryTime() {
        FrameCache cache = caches.enter();
        caches.exit(cache);
        assertThat(caches.enter()).isSameAs(cache);
        assertThat(cache.isOwnedBy(Thread.currentThread().threadId())).isTrue();
    }

    @Test
    void shouldGiveThreadsThatLiveAtOnceDifferentCaches() throws Exception {
        int threads = 100;
        Set<FrameCache> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch all = new CountDownLatch(threads);
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        seen.add(caches.enter());
                                        all.countDown();
                                        awaitQuietly(all);
                                    });
        }
        for (Thread worker : workers) {
            worker.join();
        }
        // More threads than slots: some have a stripe, or nothing, but an owned cache has one user.
        long owned = seen.stream().filter(cache -> cache.toString().contains("owner")).count();
        assertThat(owned).isGreaterThan(threads / 4);
    }

    @Test
    void shouldGiveVirtualThreadsAStripeForOneOperation() throws Exception {
        FrameCache[] first = new FrameCache[2];
        Thread.ofVirtual()
                .start(
                        () -> {
                            first[0] = caches.enter();
                            // Still locked: nobody else gets it meanwhile, not even itself.
                            first[1] = caches.enter();
                            caches.exit(first[0]);
                        })
                .join();
        assertThat(first[0].tryLock()).as("given back").isTrue();
        assertThat(first[1]).isNotSameAs(first[0]);
        assertThat(first[1].take(0)).isEqualTo(FrameCache.NO_FRAME);
        assertThat(first[1].put(0, 0)).isFalse();
    }

    @Test
    void shouldAdoptTheCachesOfDeadThreadsRatherThanRunOut() throws Exception {
        for (int i = 0; i < 1000; i++) {
            boolean[] owned = new boolean[1];
            Thread thread =
                    Thread.ofPlatform()
                            .start(
                                    () ->
                                            owned[0] =
                                                    caches.enter()
                                                            .isOwnedBy(
                                                                    Thread.currentThread()
                                                                            .threadId()));
            thread.join();
            assertThat(owned[0]).as("thread %s", i).isTrue();
        }
    }

    @Test
    void shouldKeepNothingWhenItsLimitIsNothing() {
        FrameCaches none = new FrameCaches(frames, sink, 0);
        FrameCache cache = none.enter();
        frames.order(1, 0);
        frames.move(1, FrameState.FREE, FrameState.LIVE);
        assertThat(cache.put(1, 0)).isFalse();
        assertThat(cache.take(0)).isEqualTo(FrameCache.NO_FRAME);
        assertThat(cache.refillBlocks(0)).isEqualTo(1);
        none.exit(cache);
        assertThat(none.drain()).isZero();
        assertThat(none.spareFrames()).isZero();
    }

    @Test
    void shouldCountTheFramesOfSpareBlocksOnce() {
        FrameCache cache = caches.enter();
        cache.settle(8);
        frames.order(8, 2);
        frames.move(8, FrameState.FREE, FrameState.LIVE);
        cache.put(8, 2);
        frames.move(8, FrameState.SPARE, FrameState.LIVE);
        cache.put(8, 2); // two hints now
        assertThat(caches.spareFrames()).isEqualTo(4);
        assertThat(caches.spareHeads()).containsExactly(8);
        assertThat(caches.drain()).isEqualTo(4);
        assertThat(caches.spareFrames()).isZero();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
