package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** A last put while the page is still on an LRU list (S1). */
class DeferredFreeTest extends AllocatorFixture {
    private final ReentrantLock listLock = new ReentrantLock();
    private final AtomicInteger unlinked = new AtomicInteger();

    private PageAllocator createWithList(int frameCount) {
        PageAllocator allocator = create(frameCount);
        allocator.onDeferred(
                frame -> {
                    listLock.lock();
                    try {
                        boolean ours = claimDeferred(allocator, frame);
                        unlinked.addAndGet(ours ? 1 : 0);
                        return ours;
                    } finally {
                        listLock.unlock();
                    }
                });
        return allocator;
    }

    @Test
    void shouldDeferFreeWhenTheListLockIsHeldElsewhereAndFreeOnceAtTheNextDrain()
            throws Exception { // S1.1, S1.5
        PageAllocator allocator = createWithList(8);
        int frame = allocateOnLru(allocator);
        CountDownLatch put = new CountDownLatch(1);
        listLock.lock();
        try {
            Thread completion =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        allocator.put(frame);
                                        put.countDown();
                                    });
            assertThat(put.await(10, TimeUnit.SECONDS)).as("put did not block").isTrue();
            completion.join();
            assertThat(allocator.freeFrames()).as("not on a free list yet").isEqualTo(7);
            AllocatorStats stats = allocator.stats();
            assertThat(stats.deferredFrames()).isEqualTo(1);
            assertThat(stats.allocatedFrames()).isZero();
            assertThat(allocator.tryGet(frame)).isFalse();
            allocator.verify();
        } finally {
            listLock.unlock();
        }
        assertThat(allocator.drainDeferred()).isEqualTo(1);
        assertThat(allocator.drainDeferred()).isZero();
        assertThat(unlinked).hasValue(1);
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    void shouldDrainBeforeAnAllocationFails() { // S1.5
        PageAllocator allocator = createWithList(4);
        int[] frames = new int[4];
        for (int i = 0; i < 4; i++) {
            frames[i] = allocateOnLru(allocator);
        }
        allocator.putBatch(frames, 0, 4);
        assertThat(allocator.freeFrames()).isZero();
        assertThat(allocator.stats().deferredFrames()).isEqualTo(4);
        int block = allocator.tryAllocate(2);
        assertThat(block).isZero();
        allocator.put(block);
        assertThat(unlinked).hasValue(4);
    }

    @Test
    void shouldDrainBeforeABatchIsCutShort() {
        PageAllocator allocator = createWithList(4);
        allocator.put(allocateOnLru(allocator));
        int[] frames = new int[4];
        assertThat(allocator.allocateBatch(frames, 0, 4)).isEqualTo(4);
        allocator.putBatch(frames, 0, 4);
    }

    @Test
    void shouldDeferAnUnpinToo() {
        PageAllocator allocator = createWithList(4);
        int frame = allocateOnLru(allocator);
        allocator.pin(frame);
        allocator.put(frame);
        allocator.unpin(frame);
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
        assertThat(allocator.drainDeferred()).isEqualTo(1);
    }

    @Test
    void shouldCountAFrameThatAScanClaimedInTheMeantimeOnlyOnce() { // S1.2
        PageAllocator allocator = createWithList(4);
        int frame = allocateOnLru(allocator);
        allocator.put(frame);
        // A reclaimer meets it on its list, claims it there and frees it itself.
        assertThat(claimDeferred(allocator, frame)).isTrue();
        allocator.freeFrozen(frame);
        assertThat(allocator.stats().deferredFrames()).isZero();
        // It is allocated and deferred again while its old entry still waits.
        int again = allocateOnLru(allocator);
        assertThat(again).isEqualTo(frame);
        allocator.put(again);
        int other = allocateOnLru(allocator);
        allocator.put(other);
        assertThat(allocator.stats().deferredFrames()).isEqualTo(2);
        assertThat(allocator.drainDeferred()).isEqualTo(2);
        assertThat(allocator.freeFrames()).isEqualTo(4);
    }

    @Test
    void shouldLeaveALiveFrameAloneThatOnceWaited() {
        PageAllocator allocator = createWithList(4);
        int frame = allocateOnLru(allocator);
        allocator.put(frame);
        claimDeferred(allocator, frame);
        allocator.freeFrozen(frame);
        int again = allocator.allocate(0);
        assertThat(again).isEqualTo(frame);
        assertThat(allocator.drainDeferred()).isZero();
        assertThat(allocator.refCount(again)).isEqualTo(1);
        allocator.put(again);
        assertThat(unlinked).hasValue(0);
    }

    @Test
    void shouldOfferAFrameAgainWhenTheHookThrowsOrSaysNotNow() {
        PageAllocator allocator = create(4);
        AtomicInteger calls = new AtomicInteger();
        allocator.onDeferred(
                frame -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalArgumentException("from the hook");
                    }
                    return calls.get() > 3 && claimDeferred(allocator, frame);
                });
        allocator.put(allocateOnLru(allocator));
        assertThat(allocator.drainDeferred()).isZero();
        assertThat(allocator.stats().shrinkerFailures()).isEqualTo(1);
        assertThat(allocator.drainDeferred()).isZero();
        assertThat(allocator.drainDeferred()).isZero();
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
        allocator.verify();
        assertThat(allocator.drainDeferred()).isEqualTo(1);
        assertThat(calls).hasValue(4);
    }

    @Test
    void shouldKeepFramesDeferredUntilThereIsAHook() {
        PageAllocator allocator = create(2);
        allocator.put(allocateOnLru(allocator));
        assertThat(allocator.drainDeferred()).isZero();
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
        allocator.verify();
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        assertThat(allocator.drainDeferred()).isEqualTo(1);
    }

    @Test
    void shouldDeferAWholeBlock() { // I6
        PageAllocator allocator = create(8);
        int block = allocator.allocate(2);
        allocator.frames().update(block, FrameState::setLru);
        allocator.put(block);
        assertThat(allocator.stats().deferredFrames()).isEqualTo(4);
        allocator.verify();
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        assertThat(allocator.drainDeferred()).isEqualTo(1);
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }
}
