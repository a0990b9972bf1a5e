package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        // One block of order 2 where order 10 is wanted. 1000 - (1000 + 4 * 1000 / 1024) / 1
        BuddyInfo info = info(0, 0, 1);
        assertThat(info.fragmentationIndex(10)).isEqualTo(-3);
        assertThat(info().fragmentationIndex(0)).isZero();
        assertThat(info().unusableIndex(0)).isEqualTo(1000);
        assertThat(info().largestFreeOrder()).isEqualTo(-1);
    }

    /** Checked by hand against the definitions of extfrag_index and unusable_index. */
    @Test
    void shouldAgreeWithLinuxOrderByOrder() {
        // 10 + 5 * 2 + 3 * 4 + 8 + 16 = 56 frames in 20 blocks
        BuddyInfo info = info(10, 5, 3, 1, 1);
        int[] unusable = {0, 178, 357, 571, 714, 1000, 1000};
        int[] fragmentation = {-1000, -1000, -1000, -1000, -1000, 863, 907};
        for (int order = 0; order < unusable.length; order++) {
            assertThat(info.unusableIndex(order)).as("order %s", order).isEqualTo(unusable[order]);
            assertThat(info.fragmentationIndex(order))
                    .as("order %s", order)
                    .isEqualTo(fragmentation[order]);
        }
    }

    @Test
    void shouldStayBetweenItsBounds() {
        assertThat(info(0, 0, 0, 0, 0, 0, 0, 0, 0, 1).fragmentationIndex(10))
                .as("one block of half the size")
                .isEqualTo(-500);
        assertThat(info(1 << 30).fragmentationIndex(10)).isEqualTo(1000);
        assertThat(info(1 << 30).unusableIndex(1)).isEqualTo(1000);
    }

    @Test
    void shouldRefuseAnOrderOutOfRange() {
        for (int order : new int[] {-1, 11}) {
            String message = "order must be 0..10: order=" + order;
            assertThatThrownBy(() -> info().freeBlocks(order)).hasMessage(message);
            assertThatThrownBy(() -> info().fragmentationIndex(order)).hasMessage(message);
            assertThatThrownBy(() -> info().unusableIndex(order)).hasMessage(message);
        }
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
