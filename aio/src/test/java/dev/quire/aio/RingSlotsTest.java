package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;

final class RingSlotsTest {
    private final IoRequest first = new IoRequest(true);
    private final IoRequest second = new IoRequest(true);
    private final RingSlots slots = new RingSlots(2, Arena.ofAuto());

    @Test
    void shouldFindARequestOnceByItsTag() {
        long one = slots.put(first);
        long other = slots.put(second);
        assertThat(slots.take(other)).isSameAs(second);
        assertThat(slots.take(one)).isSameAs(first);
        assertThat(slots.take(one)).isNull();
        assertThat(slots.isEmpty()).isTrue();
    }

    // S2: a second event of one entry must not complete the request that has its slot now.
    @Test
    void shouldRefuseATagOfAnEarlierLife() {
        long early = slots.put(first);
        slots.take(early);
        long late = slots.put(second);
        assertThat((int) late).isEqualTo((int) early);
        assertThat(slots.take(early)).isNull();
        assertThat(slots.take(late)).isSameAs(second);
    }

    @Test
    void shouldRefuseWhatIsNoTagOfIts() {
        slots.put(first);
        assertThat(slots.take(-1)).isNull();
        assertThat(slots.take(2)).isNull();
        assertThat(slots.take(1L << 32 | 2)).isNull();
        assertThat(slots.isEmpty()).isFalse();
    }

    @Test
    void shouldTellWhenItIsGivenMoreThanItsAdmission() {
        slots.put(first);
        slots.put(second);
        assertThatThrownBy(() -> slots.put(first))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("ring over its admission: slots=2");
    }

    @Test
    void shouldKeepTagsApartFromTheDoorbellForAllGenerations() {
        RingSlots one = new RingSlots(1, Arena.ofAuto());
        for (int i = 0; i < 1000; i++) {
            long tag = one.put(first);
            assertThat(tag).isNotNegative();
            assertThat(one.take(tag)).isSameAs(first);
        }
    }

    @Test
    void shouldHoldAVectorForEachSlot() {
        long one = slots.put(first);
        long other = slots.put(second);
        assertThat(slots.vector(one)).isSameAs(slots.vector(one)).isNotSameAs(slots.vector(other));
    }
}
