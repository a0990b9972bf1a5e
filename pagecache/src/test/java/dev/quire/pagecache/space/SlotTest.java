package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x1234_5678, Slot.FRAMES_MAX - 1})
    void shouldNameFrameAndVersionInEveryCombination(int frame) {
        for (int version : new int[] {0, 1, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            long readable = Slot.readable(frame, version);
            long busy = Slot.busy(frame, version);
            assertThat(Slot.frame(readable)).isEqualTo(frame);
            assertThat(Slot.frame(busy)).isEqualTo(frame);
            assertThat(Slot.isReadable(readable)).isTrue();
            assertThat(Slot.isReadable(busy)).isFalse();
            assertThat(Slot.isResident(readable)).isTrue();
            assertThat(Slot.isResident(busy)).isTrue();
            assertThat(Slot.isShadow(readable)).isFalse();
            assertThat(Slot.isShadow(busy)).isFalse();
            assertThat(Slot.busy(readable)).isEqualTo(busy);
            assertThat(Slot.names(busy, frame)).isTrue();
            assertThat(Slot.names(busy, frame ^ 1)).isFalse();
            assertThat(readable).isNotEqualTo(Slot.readable(frame, version + 1));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0x1234_5678_9abcL, (1L << 60) - 1})
    void shouldKeepTheMemoOfAShadow(long memo) {
        long shadow = Slot.shadow(memo);
        assertThat(Slot.isShadow(shadow)).isTrue();
        assertThat(Slot.isResident(shadow)).isFalse();
        assertThat(Slot.isReadable(shadow)).isFalse();
        assertThat(Slot.memo(shadow)).isEqualTo(memo);
        assertThat(shadow).isNotEqualTo(Slot.ABSENT).isNotEqualTo(Slot.NEVER);
    }

    @Test
    void shouldHaveAValueThatNoSlotHas() {
        assertThat(Slot.NEVER).isNotEqualTo(Slot.ABSENT);
        assertThat(Slot.isResident(Slot.NEVER)).isFalse();
        assertThat(Slot.memo(Slot.NEVER)).as("more than a memo").isGreaterThanOrEqualTo(1L << 60);
    }

    @Test
    void shouldDescribeItself() {
        assertThat(Slot.describe(Slot.ABSENT)).isEqualTo("ABSENT");
        assertThat(Slot.describe(Slot.readable(0x1a2f, 17))).isEqualTo("READABLE F#1a2f v17");
        assertThat(Slot.describe(Slot.busy(1, -1))).isEqualTo("BUSY F#1 v4294967295");
        assertThat(Slot.describe(Slot.shadow(42))).isEqualTo("SHADOW 2a");
    }
}
