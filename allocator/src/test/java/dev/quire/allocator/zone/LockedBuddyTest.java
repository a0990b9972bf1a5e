package dev.quire.allocator.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.Test;

class LockedBuddyTest extends BuddyZoneContract {
    @Override
    BuddyZone create(int frameCount) {
        return new LockedBuddy(new FrameTable(frameCount));
    }

    @Test
    void shouldTakeTheLowestAddressFirstAndTheLastFreedNext() {
        BuddyZone zone = zone(2048);
        assertThat(zone.allocate(0, 0, 0)).isZero();
        assertThat(zone.allocate(10, 0, 0)).isEqualTo(1024);
        int first = zone.allocate(3, 0, 0);
        int second = zone.allocate(3, 0, 0);
        int third = zone.allocate(3, 0, 0);
        zone.free(second, 3);
        assertThat(zone.allocate(3, 0, 0)).isEqualTo(second);
        assertThat(first).isLessThan(second).isLessThan(third);
    }

    @Test
    void shouldFindALinkThatSomebodyOverwrote() {
        FrameTable frames = new FrameTable(4);
        LockedBuddy zone = new LockedBuddy(frames);
        int[] all = new int[4];
        zone.allocateBatch(all, 0, 4, 0, 0);
        zone.free(0, 0);
        zone.free(2, 0);
        frames.prev(0, 3);
        assertThatThrownBy(zone::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a list is linked both ways");
    }

    @Test
    void shouldCostOneByteAFrame() {
        assertThat(zone(1000).metadataBytes()).isEqualTo(1000);
    }
}
