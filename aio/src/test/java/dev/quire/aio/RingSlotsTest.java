package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.RingException;
import dev.quire.aio.os.Uring;
import dev.quire.aio.os.UringSupport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;

final class RingSlotsTest {
    private static final int BOTH = RingSlot.TRANSFER | RingSlot.SYNC;

    private final IoRequest first = new IoRequest(true);
    private final IoRequest second = new IoRequest(true);
    private final RingSlots slots = new RingSlots(2, Arena.ofAuto());
    private Uring ring;

    @SuppressWarnings("NullAway.Init") // open() sets it before every test
    RingSlotsTest() {}

    @BeforeEach
    void open() throws RingException {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        ring = Uring.open(1);
    }

    @AfterEach
    void close() {
        if (ring != null) {
            ring.close();
        }
    }

    @Test
    void shouldFindARequestByItsTagUntilItsSlotIsFree() {
        RingSlot one = slots.put(first, ring, RingSlot.TRANSFER);
        RingSlot other = slots.put(second, ring, RingSlot.TRANSFER);
        assertThat(slots.isFull()).isTrue();
        assertThat(slots.find(tag(other))).isSameAs(other);
        assertThat(slots.find(tag(one))).isSameAs(one);
        long tag = tag(one);
        assertThat(slots.free(one)).isSameAs(first);
        assertThat(slots.find(tag)).isNull();
        assertThat(slots.free(other)).isSameAs(second);
        assertThat(slots.isEmpty()).isTrue();
        assertThatThrownBy(() -> slots.free(one)).hasMessage("slot freed twice: slot=0");
    }

    // S2: a second event of one entry must not complete the request that has its slot now.
    @Test
    void shouldRefuseATagOfAnEarlierLife() {
        RingSlot slot = slots.put(first, ring, RingSlot.TRANSFER);
        long early = tag(slot);
        slots.free(slot);
        RingSlot again = slots.put(second, ring, RingSlot.TRANSFER);
        assertThat(again).isSameAs(slot);
        assertThat(slots.find(early)).isNull();
        assertThat(slots.find(tag(again))).isSameAs(again);
    }

    @Test
    void shouldRefuseWhatIsNoTagOfIts() {
        slots.put(first, ring, RingSlot.TRANSFER);
        assertThat(slots.find(-1)).isNull();
        assertThat(slots.find(2)).isNull();
        assertThat(slots.find(1L << 32 | 2)).isNull();
        assertThat(slots.isEmpty()).isFalse();
    }

    @Test
    void shouldTellWhenItIsGivenMoreThanItsAdmission() {
        slots.put(first, ring, RingSlot.TRANSFER);
        slots.put(second, ring, RingSlot.TRANSFER);
        assertThatThrownBy(() -> slots.put(first, ring, RingSlot.TRANSFER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("ring over its admission: slots=2");
    }

    @Test
    void shouldKeepTagsApartFromTheRingsOwnForAllGenerations() {
        RingSlots one = new RingSlots(1, Arena.ofAuto());
        for (int i = 0; i < 1000; i++) {
            RingSlot slot = one.put(first, ring, BOTH);
            slot.generation = i % 2 == 0 ? slot.generation : (1 << 30) - 1 - i;
            long sync = RingSlots.tag(slot, RingSlot.SYNC);
            assertThat(tag(slot)).isNotNegative();
            assertThat(sync).isNotNegative().isNotEqualTo(tag(slot));
            assertThat(one.find(sync)).isSameAs(slot);
            assertThat(RingSlots.part(sync)).isEqualTo(RingSlot.SYNC);
            assertThat(RingSlots.part(tag(slot))).isEqualTo(RingSlot.TRANSFER);
            one.free(slot);
        }
    }

    @Test
    void shouldBeOverWhenEachPartHasAnsweredOnceInAnyOrder() {
        for (int order = 0; order < 2; order++) {
            RingSlot slot = slots.put(first, ring, BOTH);
            int early = order == 0 ? RingSlot.TRANSFER : RingSlot.SYNC;
            int late = BOTH & ~early;
            assertThat(slot.answer(early, -5)).isTrue();
            assertThat(slot.answer(early, -6)).as("twice").isFalse();
            assertThat(slot.isOver()).isFalse();
            assertThat(slot.answer(late, -7)).isTrue();
            assertThat(slot.isOver()).isTrue();
            assertThat(slot.result).isEqualTo(order == 0 ? -5 : -7);
            assertThat(slot.syncResult).isEqualTo(order == 0 ? -7 : -5);
            slots.free(slot);
        }
    }

    // A sync that may have begun before the end of its write has synced nothing that counts.
    @Test
    void shouldNotCountASyncWhoseLinkWasCut() {
        RingSlot slot = slots.put(first, ring, BOTH);
        slot.cutLink();
        slot.answer(RingSlot.TRANSFER, 100);
        slot.answer(RingSlot.SYNC, 0);
        assertThat(slot.syncResult).isEqualTo(RingSlot.NOT_SYNCED);
        slots.free(slot);
        RingSlot next = slots.put(first, ring, BOTH);
        next.answer(RingSlot.SYNC, 0);
        assertThat(next.syncResult).as("a new life, a new link").isZero();
    }

    @Test
    void shouldHoldAVectorForEachSlot() {
        RingSlot one = slots.put(first, ring, RingSlot.TRANSFER);
        RingSlot other = slots.put(second, ring, RingSlot.TRANSFER);
        assertThat(slots.vector(one)).isSameAs(slots.vector(one)).isNotSameAs(slots.vector(other));
    }

    private static long tag(RingSlot slot) {
        return RingSlots.tag(slot, RingSlot.TRANSFER);
    }
}
