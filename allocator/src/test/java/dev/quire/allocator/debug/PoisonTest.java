package dev.quire.allocator.debug;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

class PoisonTest {
    private static final int PAGE = 4096;

    private final MemorySegment region = Arena.ofAuto().allocate(8 * PAGE);
    private final Poison poison = new Poison(region, PAGE);

    @Test
    void shouldFillTheFramesAndNothingElse() {
        poison.fill(2, 3);
        for (long at = 0; at < region.byteSize(); at++) {
            boolean inside = at >= 2 * PAGE && at < 5 * PAGE;
            assertThat(region.get(ValueLayout.JAVA_BYTE, at))
                    .isEqualTo(inside ? Poison.PATTERN : 0);
        }
        assertThat(poison.damage(0, 8)).isEqualTo(Poison.INTACT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 63, 64, 4095, 4096, 3 * PAGE - 1})
    void shouldFindOneByteAnywhere(int offset) {
        poison.fill(1, 3);
        region.set(ValueLayout.JAVA_BYTE, PAGE + offset, (byte) 0xE6);
        assertThat(poison.damage(1, 3)).isEqualTo(PAGE + offset);
        assertThat(poison.frame(PAGE + offset)).isEqualTo(1 + offset / PAGE);
        assertThat(poison.describe(PAGE + offset))
                .isEqualTo("offset=" + offset % PAGE + ", expected=0xe7, found=0xe6");
    }

    @Test
    void shouldFindTheFirstOfSeveral() {
        poison.fill(0, 2);
        region.set(ValueLayout.JAVA_BYTE, 5000, (byte) 0);
        region.set(ValueLayout.JAVA_BYTE, 17, (byte) 9);
        assertThat(poison.damage(0, 2)).isEqualTo(17);
        assertThat(poison.describe(17)).endsWith("expected=0xe7, found=0x09");
        assertThat(poison.damage(1, 1)).isEqualTo(5000);
    }

    @Test
    void shouldExpectNothingOfFramesThatWereNeverFilledOrForgotten() {
        assertThat(poison.damage(0, 8)).isEqualTo(Poison.INTACT);
        poison.fill(4, 2);
        region.asSlice(4 * PAGE, 2 * PAGE).fill((byte) 0); // given back to the system
        assertThat(poison.damage(4, 2)).isEqualTo(4 * PAGE);
        poison.forget(4, 2);
        assertThat(poison.damage(4, 2)).isEqualTo(Poison.INTACT);
    }

    @Test
    void shouldBeConspicuous() {
        byte b = Poison.PATTERN;
        long word = 0x0101010101010101L * (b & 0xff);
        assertThat(word >> 47).as("no address: not the sign of the lower 47 bits").isNotIn(0L, -1L);
        assertThat(word >> 56).isNotIn(0L, -1L);
        assertThat(word & 1).as("not aligned").isEqualTo(1);
        assertThat(word).isNegative();
        assertThat((int) word).isNegative();
    }
}
