package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

class PageAllocatorTest extends AllocatorFixture {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldHandOutAWholeBlockWithOneReference(int order) {
        PageAllocator allocator = create(2048);
        int frame = allocator.allocate(order);
        assertThat(frame % (1 << order)).isZero();
        assertThat(allocator.order(frame)).isEqualTo(order);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        assertThat(allocator.pinCount(frame)).isZero();
        MemorySegment block = allocator.segment(frame);
        assertThat(block.byteSize()).isEqualTo(4096L << order);
        assertThat(block.address()).isEqualTo(allocator.address(frame));
        block.fill((byte) 1);
        assertThatThrownBy(() -> block.get(ValueLayout.JAVA_BYTE, block.byteSize()))
                .isInstanceOf(IndexOutOfBoundsException.class);
        allocator.verify();
        allocator.put(frame);
        assertThat(allocator.freeFrames()).isEqualTo(2048);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 16384, 32768, 65536})
    void shouldWorkWithEveryPageSize(int pageBytes) {
        PageAllocator allocator =
                create(
                        config(1)
                                .capacityBytes(8L * pageBytes + pageBytes - 1) // rounded down
                                .pageBytes(pageBytes));
        assertThat(allocator.frameCount()).isEqualTo(8);
        assertThat(allocator.pageBytes()).isEqualTo(pageBytes);
        int frame = allocator.allocate(1);
        assertThat(allocator.segment(frame).byteSize()).isEqualTo(2L * pageBytes);
        assertThat(allocator.address(frame + 1) - allocator.address(frame)).isEqualTo(pageBytes);
        assertThat(allocator.address(frame) % pageBytes).isZero();
        assertThat(allocator.region().byteSize()).isEqualTo(8L * pageBytes);
        allocator.put(frame);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 15, 16, 17, 63, 100, 1000, 1025})
    void shouldHandOutEveryFrameOfAnyCapacity(int frameCount) {
        PageAllocator allocator = create(frameCount);
        int[] frames = new int[frameCount];
        for (int i = 0; i < frameCount; i++) {
            frames[i] = allocator.allocate(0);
        }
        assertThat(Arrays.stream(frames).distinct().count()).isEqualTo(frameCount);
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        allocator.putBatch(frames, 0, frameCount);
        assertThat(allocator.freeFrames()).isEqualTo(frameCount);
    }

    @Test
    void shouldSayWithNumbersWhyThereIsNoFrame() {
        PageAllocator allocator = create(20);
        int big = allocator.allocate(4);
        int small = allocator.allocate(1);
        assertThatThrownBy(() -> allocator.allocate(3))
                .isInstanceOfSatisfying(
                        OutOfFramesException.class,
                        e -> {
                            assertThat(e.order()).isEqualTo(3);
                            assertThat(e.largestFreeOrder()).isEqualTo(1);
                            assertThat(e.reclaimedFrames()).isZero();
                            assertThat(e.stats().freeFrames()).isEqualTo(2);
                        })
                .hasMessage(
                        "out of frames: order=3, freeFrames=2, cachedFrames=0, largestFreeOrder=1,"
                                + " reserveFrames=0, withheldFrames=0, capacityFrames=20,"
                                + " allocatedFrames=18, deferredFrames=0, quarantinedFrames=0,"
                                + " reclaimedFrames=0");
        assertThat(allocator.stats().failures()).isEqualTo(1);
        allocator.put(big);
        allocator.put(small);
    }

    @Test
    void shouldKeepABlockUntilItsLastReferenceAndFreeItWhole() { // S0.3, S0.8
        PageAllocator allocator = create(64);
        int frame = allocator.allocate(3);
        allocator.get(frame);
        assertThat(allocator.tryGet(frame)).isTrue();
        allocator.put(frame);
        allocator.put(frame);
        assertThat(allocator.freeFrames()).isEqualTo(56);
        assertThat(allocator.segment(frame).byteSize()).isEqualTo(8 * 4096);
        allocator.put(frame);
        assertThat(allocator.freeFrames()).isEqualTo(64);
        assertThat(allocator.stats().frees()).isEqualTo(1);
    }

    @Test
    void shouldKeepAFrameThatOnlyARequestHasPinned() { // S0.3
        PageAllocator allocator = create(1);
        int frame = allocator.allocate(0);
        allocator.pin(frame);
        allocator.put(frame);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        assertThat(allocator.pinCount(frame)).isEqualTo(1);
        assertThat(allocator.tryAllocate(0)).as("not allocated again").isEqualTo(NO_FRAME);
        allocator.unpin(frame);
        assertThat(allocator.tryAllocate(0)).isEqualTo(frame);
        allocator.put(frame);
    }

    @Test
    void shouldTakeAndReleaseOnePinForEveryFragmentOfARequest() { // S0.7
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        assertThat(allocator.tryPin(frame)).isTrue();
        assertThat(allocator.tryPin(frame)).isTrue();
        assertThat(allocator.pinCount(frame)).isEqualTo(2);
        assertThat(allocator.refCount(frame)).isEqualTo(3);
        allocator.unpin(frame);
        allocator.unpin(frame);
        assertThat(allocator.pinCount(frame)).isZero();
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.put(frame);
    }

    @Test
    void shouldFreezeOnlyWhenAloneAndUnpinned() { // S0.5, S3.1, S3.3
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        allocator.get(frame);
        assertThat(allocator.tryFreeze(frame, 1)).as("somebody else's reference").isFalse();
        assertThat(allocator.refCount(frame)).isEqualTo(2);
        allocator.put(frame);
        allocator.pin(frame);
        assertThat(allocator.tryFreeze(frame, 2)).as("a pin").isFalse();
        allocator.unpin(frame);
        assertThat(allocator.tryFreeze(frame, 1)).isTrue();
        assertThat(allocator.tryGet(frame)).isFalse();
        assertThat(allocator.tryPin(frame)).isFalse();
        assertThat(allocator.tryFreeze(frame, 0)).isFalse();
        allocator.unfreeze(frame, 2);
        allocator.put(frame);
        assertThat(allocator.tryFreeze(frame, 1)).isTrue();
        allocator.freeFrozen(frame);
        assertThat(allocator.freeFrames()).isEqualTo(4);
        assertThat(allocator.tryFreeze(frame, 0)).as("a free frame").isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {FrameState.DIRTY, FrameState.WRITEBACK, FrameState.EXCLUSIVE})
    void shouldNotFreezeAPageThatIsDirtyOrInUse(long flag) { // S4.10
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        allocator.frames().set(frame, flag);
        assertThat(allocator.tryFreeze(frame, 1)).isFalse();
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.frames().clear(frame, flag);
        assertThat(allocator.tryFreeze(frame, 1)).isTrue();
        allocator.freeFrozen(frame);
    }

    @Test
    void shouldTakeAndPutBatchesOfSingleFrames() {
        PageAllocator allocator = create(32);
        int[] frames = new int[40];
        Arrays.fill(frames, -7);
        assertThat(allocator.allocateBatch(frames, 2, 20)).isEqualTo(20);
        assertThat(frames[1]).isEqualTo(-7);
        assertThat(frames[22]).isEqualTo(-7);
        allocator.verify();
        assertThat(allocator.allocateBatch(frames, 22, 18)).isEqualTo(12);
        allocator.get(frames[10]);
        allocator.putBatch(frames, 2, 32);
        assertThat(allocator.freeFrames()).isEqualTo(31);
        allocator.put(frames[10]);
        assertThat(allocator.freeFrames()).isEqualTo(32);
        assertThat(allocator.allocateBatch(frames, 0, 0)).isZero();
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldFindTheFrameOfAnAddressAndNoneOutside() {
        PageAllocator allocator = create(16);
        long start = allocator.region().address();
        assertThat(allocator.frameOf(start)).isZero();
        assertThat(allocator.frameOf(start + 4095)).isZero();
        assertThat(allocator.frameOf(start + 4096)).isEqualTo(1);
        assertThat(allocator.frameOf(start + 16 * 4096 - 1)).isEqualTo(15);
        assertThat(allocator.frameOf(start + 16 * 4096)).isEqualTo(NO_FRAME);
        assertThat(allocator.frameOf(start - 1)).isEqualTo(NO_FRAME);
        assertThat(allocator.frameOf(0)).isEqualTo(NO_FRAME);
        assertThat(allocator.frameOf(Long.MIN_VALUE)).isEqualTo(NO_FRAME);
        assertThat(allocator.frameOf(Long.MAX_VALUE)).isEqualTo(NO_FRAME);

        int frame = allocator.allocate(2);
        assertThat(allocator.frameOf(allocator.segment(frame))).isEqualTo(frame);
        assertThat(allocator.frameOf(allocator.segment(frame).asSlice(5000))).isEqualTo(frame + 1);
        assertThat(allocator.frameOf(MemorySegment.ofArray(new byte[8]))).isEqualTo(NO_FRAME);
        assertThat(allocator.frameOf(MemorySegment.NULL)).isEqualTo(NO_FRAME);
        allocator.put(frame);
    }

    @Test
    void shouldNameTheValueAndTheLimit() {
        PageAllocator allocator = create(4);
        assertThatThrownBy(() -> allocator.allocate(11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("order must be 0..10: order=11");
        assertThatThrownBy(() -> allocator.tryAllocate(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allocator.put(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("frame must be 0..3: frame=4");
        assertThatThrownBy(() -> allocator.get(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allocator.allocateBatch(new int[4], 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch must lie in the array: from=2, count=3, length=4");
    }

    @Test
    void shouldStayWithinTheMetadataBudget() {
        PageAllocator allocator = create(1000);
        assertThat(allocator.stats().metadataBytes()).isLessThanOrEqualTo(40 * 1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {8192, 65_536})
    void shouldStayWithinTheMetadataBudgetWithEveryFrameCacheInUse(int frameCount)
            throws InterruptedException {
        PageAllocator allocator = create(frameCount);
        for (int i = 0; i < 300; i++) {
            Thread.ofPlatform().start(() -> allocator.put(allocator.allocate(0))).join();
            Thread.ofVirtual().start(() -> allocator.put(allocator.allocate(0))).join();
        }
        assertThat(allocator.stats().metadataBytes()).isLessThanOrEqualTo(40L * frameCount);
    }

    @Test
    void shouldCountInStats() { // I6
        PageAllocator allocator = create(64);
        int frame = allocator.allocate(2);
        int other = allocator.allocate(0);
        allocator.put(other);
        AllocatorStats stats = allocator.stats();
        assertThat(stats.capacityFrames()).isEqualTo(64);
        assertThat(stats.freeFrames()).isEqualTo(60);
        assertThat(stats.allocatedFrames()).isEqualTo(4);
        assertThat(stats.allocations()).isEqualTo(2);
        assertThat(stats.frees()).isEqualTo(1);
        assertThat(stats.regionBytes()).isEqualTo(64 * 4096);
        allocator.put(frame);
    }

    @Test
    void shouldShowFreeBlocksByOrder() {
        PageAllocator allocator = create(1024);
        int frame = allocator.allocate(0);
        BuddyInfo info = allocator.buddyInfo();
        assertThat(info).hasToString("free blocks by order 0..10: 1 1 1 1 1 1 1 1 1 1 0");
        assertThat(info.freeFrames()).isEqualTo(1023);
        assertThat(info.largestFreeOrder()).isEqualTo(9);
        allocator.put(frame);
        assertThat(allocator.buddyInfo().largestFreeOrder()).isEqualTo(10);
    }

    @Test
    void shouldFindACorruptedWordOrColumnInVerify() { // I1, I4
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(1);
        allocator.frames().order(frame + 1, 0);
        assertThatThrownBy(allocator::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("I4 a tail is marked: frame=F#1/o0");
        allocator.frames().order(frame + 1, 15);
        allocator.frames().update(4, word -> 5);
        assertThatThrownBy(allocator::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("I1 a free frame's word is 0: frame=F#4/free [refs 5");
        allocator.frames().update(4, word -> 0);
        allocator.put(frame);
    }
}
