package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

class CloseTest extends AllocatorFixture {
    @Test
    void shouldReportWhatIsStillAllocatedOnce() {
        PageAllocator allocator = create(64);
        int[] frames = new int[16];
        allocator.allocateBatch(frames, 0, 16);
        int block = allocator.allocate(3);
        allocator.pin(block);
        allocator.putBatch(frames, 0, 4);
        allocator.close();
        allocator.close();
        assertThat(leaks).hasSize(1);
        LeakReport report = leaks.getFirst();
        assertThat(report.blocks()).isEqualTo(13);
        assertThat(report.frames()).isEqualTo(20);
        assertThat(report.first()).hasSize(LeakReport.SHOWN_MAX);
        assertThat(report.toString())
                .startsWith("13 blocks (20 frames) still allocated: F#4/o0 [refs 1, pins 0]; ")
                .endsWith(", and 5 more");
    }

    @Test
    void shouldReportNothingWhenNothingIsLeft() {
        PageAllocator allocator = create(8);
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        allocator.put(allocator.allocate(1));
        allocator.put(allocateOnLru(allocator)); // waits: close drains it
        allocator.close();
        assertThat(leaks).isEmpty();
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    void shouldKeepTheRegionReadableAsZerosAndLeakedBlocksAsTheyAre() {
        PageAllocator allocator = create(1024);
        int freed = allocator.allocate(5);
        int kept = allocator.allocate(0);
        MemorySegment dangling = allocator.segment(freed);
        dangling.fill((byte) 7);
        allocator.segment(kept).fill((byte) 9);
        allocator.put(freed);
        allocator.close();
        assertThat(dangling.get(ValueLayout.JAVA_BYTE, 100)).isZero();
        assertThat(dangling.get(ValueLayout.JAVA_BYTE, dangling.byteSize() - 1)).isZero();
        assertThat(allocator.region().get(ValueLayout.JAVA_BYTE, 1023 * 4096L)).isZero();
        assertThat(allocator.segment(kept).get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) 9);
        allocator.put(kept);
        assertThat(allocator.freeFrames()).isEqualTo(1024);
    }

    @Test
    void shouldRefuseAllocationAfterClose() {
        PageAllocator allocator = create(8);
        allocator.close();
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the allocator is closed");
        assertThatThrownBy(() -> allocator.tryAllocate(0, AllocContext.RESERVE))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> allocator.allocateBatch(new int[1], 0, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldContainALeakHandlerThatThrows() {
        PageAllocator allocator =
                create(
                        config(4)
                                .onLeak(
                                        report -> {
                                            throw new IllegalArgumentException("from the handler");
                                        }));
        allocator.allocate(0);
        allocator.close();
        assertThat(allocator.freeFrames()).isEqualTo(3);
    }
}
