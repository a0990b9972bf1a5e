package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.debug.Poison;
import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** A free frame holds a pattern: who reads it sees it, who writes it is found. */
class WriteAfterFreeTest extends AllocatorFixture {
    private PageAllocator poisoned(int frameCount) {
        return create(config(frameCount).poison(true).tracking(Tracking.SAMPLED).trackingSample(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void shouldFillAFreedBlockAndHandItOutAsItIs(int order) {
        PageAllocator allocator = poisoned(8);
        int frame = allocator.allocate(order);
        MemorySegment block = allocator.segment(frame);
        assertThat(block.get(ValueLayout.JAVA_BYTE, 0)).as("a fresh frame").isZero();
        block.fill((byte) 7);
        allocator.put(frame);
        byte[] bytes = block.toArray(ValueLayout.JAVA_BYTE);
        byte[] pattern = new byte[bytes.length];
        Arrays.fill(pattern, Poison.PATTERN);
        assertThat(bytes).isEqualTo(pattern);
        int again = allocator.allocate(order);
        assertThat(again).isEqualTo(frame);
        assertThat(allocator.segment(again).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(pattern);
        allocator.put(again);
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldReportAWriteAfterFreeAndNeverUseTheFrameAgain() {
        PageAllocator allocator = poisoned(4);
        int frame = allocator.allocate(0);
        MemorySegment dangling = allocator.segment(frame);
        allocator.put(frame);
        dangling.set(ValueLayout.JAVA_BYTE, 17, (byte) 0x2a);
        assertThatThrownBy(allocator::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("no free frame is written to: frame=F#0/free");
        int other = allocator.allocate(0);
        assertThat(other).isNotEqualTo(frame);
        assertThat(badPages).hasSize(1);
        BadPageReport report = badPages.getFirst();
        assertThat(report.rule()).isEqualTo("write after free");
        assertThat(report.state())
                .isEqualTo("F#0/o0 [refs 0, pins 0], offset=17, expected=0xe7, found=0x2a");
        assertThat(report.history())
                .containsSubsequence(
                        "allocated ", "WriteAfterFreeTest", "freed ", "WriteAfterFreeTest");
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
        assertThat(dangling.get(ValueLayout.JAVA_BYTE, 17)).as("evidence").isEqualTo((byte) 0x2a);
        allocator.verify();
        int[] frames = new int[4];
        assertThat(allocator.allocateBatch(frames, 0, 4)).isEqualTo(2);
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        allocator.putBatch(frames, 0, 2);
        allocator.put(other);
    }

    @Test
    void shouldFindAWriteIntoTheMiddleOfABlockThatWasFreedInPieces() {
        PageAllocator allocator = poisoned(8);
        int[] frames = new int[8];
        allocator.allocateBatch(frames, 0, 8);
        MemorySegment region = allocator.region();
        allocator.putBatch(frames, 0, 8);
        region.set(ValueLayout.JAVA_BYTE, 5 * 4096 + 4095, (byte) 0);
        assertThat(allocator.tryAllocate(3)).isEqualTo(NO_FRAME);
        assertThat(badPages.getFirst().frame()).isEqualTo(5);
        assertThat(badPages.getFirst().state())
                .startsWith("F#5/tail")
                .endsWith("offset=4095, expected=0xe7, found=0x00");
        assertThat(allocator.stats().quarantinedFrames()).as("the whole block").isEqualTo(8);
    }

    @Test
    void shouldFindAWriteAfterFreeAtTheLatestAtClose() {
        PageAllocator allocator = poisoned(8);
        int frame = allocator.allocate(1);
        MemorySegment dangling = allocator.segment(frame);
        allocator.put(frame);
        dangling.set(ValueLayout.JAVA_BYTE, 4096 + 3, (byte) 1);
        allocator.close();
        assertThat(badPages).extracting(BadPageReport::rule).containsExactly("write after free");
        assertThat(badPages.getFirst().frame()).isEqualTo(frame + 1);
        assertThat(badPages.getFirst().state()).endsWith("offset=3, expected=0xe7, found=0x01");
        assertThat(badPages.getFirst().history()).contains("freed ");
        allocator.verify(); // the memory was given back: nothing is expected of it any more
    }

    @Test
    void shouldExpectZerosOfWhatWasTrimmed() {
        PageAllocator allocator = poisoned(1024); // two huge pages
        int frame = allocator.allocate(9);
        allocator.put(frame);
        allocator.trim();
        int again = allocator.allocate(10);
        assertThat(allocator.segment(again).get(ValueLayout.JAVA_BYTE, 5)).isZero();
        allocator.put(again);
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldKeepTheBytesOfWhatFailsItsCheckAsEvidence() {
        PageAllocator allocator = poisoned(4);
        int frame = allocator.allocate(0);
        allocator.segment(frame).fill((byte) 9);
        allocator.frames().own(frame, 3, 14);
        allocator.put(frame);
        assertThat(badPages.getFirst().rule()).isEqualTo("free of a page that still has an owner");
        assertThat(allocator.region().get(ValueLayout.JAVA_BYTE, 100)).isEqualTo((byte) 9);
    }

    @Test
    void shouldPoisonByEveryWayOutOfUse() {
        PageAllocator allocator = poisoned(16);
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        int[] frames = new int[6];
        allocator.allocateBatch(frames, 0, 6);
        for (int frame : frames) {
            allocator.segment(frame).fill((byte) 1);
        }
        allocator.put(frames[0]);
        allocator.pin(frames[1]);
        allocator.put(frames[1]);
        allocator.unpin(frames[1]);
        allocator.putBatch(frames, 2, 1);
        allocator.tryFreeze(frames[3], 1);
        allocator.freeFrozen(frames[3]);
        allocator.tryFreeze(frames[4], 1);
        allocator.freeFrozenBatch(frames, 4, 1);
        allocator.frames().update(frames[5], FrameState::setLru);
        allocator.put(frames[5]);
        allocator.drainDeferred();
        for (int frame : frames) {
            MemorySegment bytes = allocator.region().asSlice(frame * 4096L, 4096);
            assertThat(bytes.get(ValueLayout.JAVA_BYTE, 4095))
                    .as("frame %s", frame)
                    .isEqualTo(Poison.PATTERN);
        }
        assertThat(allocator.freeFrames()).isEqualTo(16);
    }

    /** S0.3, and the rule about stores into frames: nobody else can be inside. */
    @Test
    void shouldStorePoisonOnlyWhileTheBlockIsFrozen() {
        PageAllocator allocator = poisoned(4);
        int frame = allocator.allocate(0);
        allocator.get(frame);
        allocator.segment(frame).fill((byte) 5);
        allocator.put(frame);
        assertThat(allocator.segment(frame).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        allocator.frames().set(frame, FrameState.LRU);
        allocator.put(frame); // deferred: still on its list
        assertThat(allocator.region().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        allocator.onDeferred(deferred -> claimDeferred(allocator, deferred));
        allocator.drainDeferred();
        assertThat(allocator.region().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo(Poison.PATTERN);
    }
}
