package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Objects;

/** What compaction asks of the allocator: blocks emptied, frames at certain places, kinds apart. */
class EmptyingBlockTest extends AllocatorFixture {
    private static final int ORDER = 9;
    private static final int LENGTH = 1 << ORDER;

    private static void freeze(PageAllocator allocator, int frame) {
        assertThat(allocator.frames().tryFreeze(frame, 1, FrameState.BUSY_FOR_RELOCATION)).isTrue();
    }

    private static EmptyingBlock emptying(PageAllocator allocator, int head) {
        return Objects.requireNonNull(allocator.emptying(head, ORDER), "a block to empty");
    }

    @Test
    void shouldMakeOneBlockOfWhatIsFreeAndWhatIsMovedOut() {
        PageAllocator allocator = create(4 * LENGTH);
        int[] frames = new int[LENGTH];
        allocator.allocateBatch(frames, 0, LENGTH);
        int first = Arrays.stream(frames).min().orElseThrow() & -LENGTH;
        for (int frame : frames) {
            if (frame % 3 > 0) {
                allocator.put(frame);
            }
        }
        allocator.drainCaches();
        try (EmptyingBlock block = emptying(allocator, first)) {
            for (int frame : frames) {
                assertThat(block.has(frame)).isEqualTo(frame % 3 > 0);
                if (frame % 3 == 0) {
                    freeze(allocator, frame);
                    block.take(frame);
                }
            }
            assertThat(block.isWhole()).isTrue();
            assertThat(allocator.tryAllocateBetween(first, first + LENGTH)).isEqualTo(NO_FRAME);
        }
        assertThat(allocator.freeFrames()).isEqualTo(4 * LENGTH);
        assertThat(allocator.buddyInfo().freeBlocks(10)).isEqualTo(2);
        assertThat(allocator.stats().allocations()).isEqualTo(allocator.stats().frees());
        allocator.verify();
    }

    @Test
    void shouldGiveBackWhatItHasWhenTheBlockCannotBeEmptied() {
        PageAllocator allocator = create(4 * LENGTH);
        int frame = allocator.allocate(0);
        int first = frame & -LENGTH;
        allocator.drainCaches();
        try (EmptyingBlock block = emptying(allocator, first)) {
            assertThat(block.isWhole()).isFalse();
            assertThat(block.has(frame)).isFalse();
        }
        assertThat(allocator.freeFrames()).isEqualTo(4 * LENGTH - 1);
        allocator.verify();
        allocator.put(frame);
    }

    @Test
    void shouldNotBeginWhenOthersWouldBeShortOfFrames() {
        PageAllocator allocator = create(2 * LENGTH);
        int[] frames = new int[LENGTH + 1];
        allocator.allocateBatch(frames, 0, frames.length);
        assertThat(allocator.emptying(0, ORDER)).isNull();
        allocator.putBatch(frames, 0, frames.length);
    }

    @Test
    void shouldRefuseWhatIsNoBlock() {
        PageAllocator allocator = create(2 * LENGTH);
        assertThatThrownBy(() -> allocator.emptying(1, ORDER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("head must be a multiple of 512, 0..512: head=1");
        assertThatThrownBy(() -> allocator.emptying(2 * LENGTH, ORDER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allocator.emptying(0, 11)).hasMessageContaining("order=11");
    }

    @Test
    void shouldTakeTheLowestFreeFrameOfARange() {
        PageAllocator allocator = create(2 * LENGTH);
        int frame = allocator.tryAllocateBetween(100, 102);
        assertThat(frame).isEqualTo(100);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        assertThat(allocator.order(frame)).isZero();
        int next = allocator.tryAllocateBetween(100, 102);
        assertThat(next).isEqualTo(101);
        assertThat(allocator.tryAllocateBetween(100, 102)).isEqualTo(NO_FRAME);
        allocator.put(frame);
        allocator.put(next);
        allocator.verify();
    }

    @Test
    void shouldKeepWhatNeverMovesApart() {
        PageAllocator allocator = create(16 * LENGTH);
        int[] movable = new int[4 * LENGTH];
        int[] buffers = new int[movable.length / 16];
        for (int i = 0; i < movable.length; i++) {
            movable[i] = allocator.allocate(0);
            if (i % 16 == 0) {
                buffers[i / 16] = allocator.allocate(0, AllocContext.NORMAL, Mobility.UNMOVABLE);
            }
        }
        assertThat(Arrays.stream(buffers).map(f -> f / LENGTH).distinct().count())
                .as("blocks with buffers")
                .isLessThanOrEqualTo(buffers.length / LENGTH + 2);
        allocator.verify();
        allocator.putBatch(movable, 0, movable.length);
        allocator.putBatch(buffers, 0, buffers.length);
    }

    /** Kinds are kept apart while there is room, not at the price of a failure. */
    @Test
    void shouldTakeAnyFrameWhenThereIsNoOther() {
        for (int frameCount : new int[] {100, 8 * LENGTH}) {
            PageAllocator allocator = create(frameCount);
            int[] frames = new int[frameCount];
            for (int i = 0; i < frameCount; i++) {
                Mobility mobility = i % 2 == 0 ? Mobility.UNMOVABLE : Mobility.MOVABLE;
                frames[i] = allocator.tryAllocate(0, AllocContext.NORMAL, mobility);
            }
            assertThat(Arrays.stream(frames).distinct().count()).isEqualTo(frameCount);
            assertThat(allocator.tryAllocate(0, AllocContext.NORMAL, Mobility.UNMOVABLE))
                    .isEqualTo(NO_FRAME);
            allocator.putBatch(frames, 0, frameCount);
            allocator.verify();
        }
    }
}
