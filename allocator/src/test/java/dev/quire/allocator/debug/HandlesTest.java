package dev.quire.allocator.debug;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

class HandlesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1000, 1024, 1025, 1 << 18})
    void shouldCarryTheFrameAndItsGeneration(int frameCount) {
        Handles handles = new Handles(new FrameTable(frameCount));
        int frame = frameCount - 1;
        List<Integer> before = new ArrayList<>();
        assertThat(handles.handle(frame)).as("never allocated").isEqualTo(frame);
        for (int generation = 1; generation <= 3; generation++) {
            handles.renew(frame);
            int handle = handles.handle(frame);
            assertThat(handle).as("no plain frame number").isGreaterThanOrEqualTo(frameCount);
            assertThat(handles.frame(handle)).isEqualTo(frame);
            assertThat(handles.generation(handle)).isEqualTo(generation);
            assertThat(handles.isStale(handle)).isFalse();
            assertThat(before).allMatch(handles::isStale);
            before.add(handle);
        }
    }

    @Test
    void shouldWrapToTheFirstGenerationAndNeverBeNegative() {
        Handles handles = new Handles(new FrameTable(1 << 18));
        int last = (1 << 18) - 1;
        handles.renew(last);
        int first = handles.handle(last);
        for (int generation = 2; generation < 1 << 13; generation++) {
            handles.renew(last);
            assertThat(handles.handle(last)).isNotNegative();
            assertThat(handles.current(last)).isEqualTo(generation);
            assertThat(handles.isStale(first)).isTrue();
        }
        handles.renew(last);
        assertThat(handles.current(last)).as("0 is nobody's").isEqualTo(1);
        assertThat(handles.isStale(first)).as("taken for a current one").isFalse();
    }

    @Test
    void shouldNeverCallAPlainFrameNumberStale() {
        Handles handles = new Handles(new FrameTable(100));
        handles.renew(7);
        assertThat(handles.isStale(7)).isFalse();
        assertThat(handles.frame(7)).isEqualTo(7);
        assertThat(handles.frame(-1)).isEqualTo(-1);
    }

    @Test
    void shouldShareTheGenerationOfABlockAmongItsFrames() {
        FrameTable frames = new FrameTable(64);
        Handles handles = new Handles(frames);
        handles.renew(10);
        int single = handles.handle(10);
        frames.order(8, 2);
        for (int tail = 9; tail < 12; tail++) {
            frames.order(tail, FrameTable.ORDER_TAIL);
        }
        handles.renew(8);
        handles.renew(8);
        int head = handles.handle(8);
        for (int i = 0; i < 4; i++) {
            assertThat(handles.handle(8 + i)).isEqualTo(head + i);
            assertThat(handles.isStale(head + i)).isFalse();
            assertThat(handles.head(8 + i)).isEqualTo(8);
        }
        assertThat(handles.isStale(single)).as("a tail of a newer block").isTrue();
    }

    @Test
    void shouldKeepFourBitsForGenerations() {
        assertThat(Handles.FRAMES_MAX).isEqualTo(1 << (31 - 4));
        assertThat(Handles.GENERATION_BITS_MIN).isEqualTo(4);
    }
}
