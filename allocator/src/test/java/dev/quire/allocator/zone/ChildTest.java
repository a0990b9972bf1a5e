package dev.quire.allocator.zone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transitions of the word that two children share, at every count. */
class ChildTest {
    private static final int EVEN = 4;
    private static final int ODD = 5;

    private static long word(int even, int odd) {
        return Child.delta(EVEN, even) + Child.delta(ODD, odd);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 511, 512})
    void shouldTakeTicketsOfOneChildAndLeaveTheOther(int other) {
        for (int free = 0; free <= Child.FRAMES; free++) {
            for (int frames : new int[] {1, 2, 64, 128, 256, 512}) {
                long even = Child.take(word(free, other), EVEN, frames);
                long odd = Child.take(word(other, free), ODD, frames);
                if (free < frames) {
                    assertThat(even).isEqualTo(Child.REFUSED);
                    assertThat(odd).isEqualTo(Child.REFUSED);
                } else {
                    assertThat(even).isEqualTo(word(free - frames, other));
                    assertThat(odd).isEqualTo(word(other, free - frames));
                }
            }
        }
    }

    @Test
    void shouldTakeAChildAsAWholeOnlyWhenAllOfItIsFree() {
        for (int free = 0; free <= Child.FRAMES; free++) {
            assertThat(Child.takeHuge(word(free, 7), EVEN) != Child.REFUSED)
                    .isEqualTo(free == Child.FRAMES);
            assertThat(Child.takePair(word(free, 512)) != Child.REFUSED)
                    .isEqualTo(free == Child.FRAMES);
            assertThat(Child.takePair(word(512, free)) != Child.REFUSED)
                    .isEqualTo(free == Child.FRAMES);
        }
    }

    @Test
    void shouldGiveAWholeChildBackAsItWasTaken() {
        long huge = Child.takeHuge(word(512, 9), EVEN);
        assertThat(Child.free(huge, EVEN)).isZero();
        assertThat(Child.isTakenWhole(huge, EVEN)).isTrue();
        assertThat(Child.isTakenWhole(huge, ODD)).isFalse();
        assertThat(Child.free(huge, ODD)).isEqualTo(9);
        assertThat(Child.giveHuge(huge, EVEN)).isEqualTo(word(512, 9));
        assertThat(Child.giveHuge(huge, ODD)).isEqualTo(Child.REFUSED);
        assertThat(Child.givePair(huge)).isEqualTo(Child.REFUSED);
        assertThat(Child.giveHuge(word(512, 9), EVEN)).isEqualTo(Child.REFUSED);
    }

    @Test
    void shouldTellAPairFromTwoWholeChildren() {
        long pair = Child.takePair(word(512, 512));
        long two = Child.takeHuge(Child.takeHuge(word(512, 512), EVEN), ODD);
        assertThat(Child.isHalfOfPair(pair, EVEN) && Child.isHalfOfPair(pair, ODD)).isTrue();
        assertThat(Child.isHalfOfPair(two, EVEN) || Child.isHalfOfPair(two, ODD)).isFalse();
        assertThat(Child.givePair(pair)).isEqualTo(word(512, 512));
        assertThat(Child.giveHuge(pair, ODD)).isEqualTo(Child.REFUSED);
        assertThat(Child.givePair(two)).isEqualTo(Child.REFUSED);
        assertThat(Child.take(pair, ODD, 1)).isEqualTo(Child.REFUSED);
        assertThat(Child.take(two, EVEN, 1)).isEqualTo(Child.REFUSED);
    }
}
