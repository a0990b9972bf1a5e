package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class BuddyInfoTest {
    private static BuddyInfo info(int... blocks) {
        return new BuddyInfo(Arrays.copyOf(blocks, BuddyInfo.ORDER_MAX + 1));
    }

    @Test
    void shouldSayThatAnAllocationWouldSucceed() {
        BuddyInfo info = info(0, 0, 0, 1);
        assertThat(info.fragmentationIndex(3)).isEqualTo(BuddyInfo.WOULD_SUCCEED);
        assertThat(info.unusableIndex(3)).isZero();
        assertThat(info.largestFreeOrder()).isEqualTo(3);
    }

    @Test
    void shouldBlameFragmentationWhenPlentyIsFreeInSmallBlocks() {
        // 1024 single frames: 64 times what order 4 needs. 1000 - (1000 + 64000) / 1024 = 937
        BuddyInfo info = info(1024);
        assertThat(info.fragmentationIndex(4)).isEqualTo(937);
        assertThat(info.unusableIndex(4)).isEqualTo(1000);
    }

    @Test
    void shouldBlameWantOfMemoryWhenLittleIsFree() {
        // One block of order 2 where order 10 is wanted. 1000 - (1000 + 4000 >> 10) / 1 = -3 or so
        BuddyInfo info = info(0, 0, 1);
        assertThat(info.fragmentationIndex(10)).isLessThanOrEqualTo(0).isGreaterThan(-10);
        assertThat(info().fragmentationIndex(0)).isZero();
        assertThat(info().unusableIndex(0)).isEqualTo(1000);
        assertThat(info().largestFreeOrder()).isEqualTo(-1);
    }

    @Test
    void shouldCountTheShareThatIsOfNoUse() {
        BuddyInfo info = info(4, 0, 0, 1); // 4 + 8 frames
        assertThat(info.freeFrames()).isEqualTo(12);
        assertThat(info.unusableIndex(3)).isEqualTo(333);
        assertThat(info.unusableIndex(0)).isZero();
        assertThat(info).hasToString("free blocks by order 0..10: 4 0 0 1 0 0 0 0 0 0 0");
    }
}
