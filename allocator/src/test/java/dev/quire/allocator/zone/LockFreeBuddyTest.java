package dev.quire.allocator.zone;

import static dev.quire.allocator.zone.BuddyZone.NO_FRAME;
import static dev.quire.allocator.zone.BuddyZone.ORDER_MAX;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockFreeBuddyTest extends BuddyZoneContract {
    @Override
    BuddyZone create(int frameCount) {
        return new LockFreeBuddy(frameCount);
    }

    @Test
    void shouldRefuseAWholeChildFreedAsTwoAndTwoFreedAsOne() {
        BuddyZone zone = zone(2048);
        int pair = zone.allocate(10, 0, 0);
        int lower = zone.allocate(9, 0, 0);
        int upper = zone.allocate(9, 0, 0);
        assertThat(lower ^ upper).isEqualTo(512);
        assertThat(zone.free(pair, 9)).isFalse();
        assertThat(zone.free(pair + 512, 9)).isFalse();
        assertThat(zone.free(Math.min(lower, upper), 10)).isFalse();
        for (int order = 0; order < 9; order++) {
            assertThat(zone.free(pair, order)).isFalse();
            assertThat(zone.free(lower, order)).isFalse();
        }
        assertThat(zone.freeFrames()).isZero();
        assertThat(zone.free(pair, 10)).isTrue();
        assertThat(zone.free(lower, 9) && zone.free(upper, 9)).isTrue();
    }

    @Test
    void shouldRefuseSmallBlocksFreedAsAWholeChild() {
        BuddyZone zone = zone(1024);
        while (zone.allocate(8, 0, 0) != NO_FRAME) {}
        assertThat(zone.free(0, 9)).isFalse();
        assertThat(zone.free(0, 10)).isFalse();
        assertThat(zone.freeFrames()).isZero();
    }

    @Test
    void shouldTakeSmallBlocksFromTheBottomAndWholeChildrenFromTheTop() {
        BuddyZone zone = zone(8192);
        assertThat(zone.allocate(0, 0, 0)).isZero();
        assertThat(zone.allocate(9, 0, 0)).isEqualTo(8192 - 512);
        assertThat(zone.allocate(10, 0, 0)).isEqualTo(8192 - 2048);
        assertThat(zone.allocate(9, 0, 0)).as("beside the other").isEqualTo(8192 - 1024);
        assertThat(zone.allocate(3, 0, 0)).isEqualTo(8);
    }

    @Test
    void shouldBreakAWholeChildOnlyWhenNoOtherServes() {
        BuddyZone zone = new LockFreeBuddy(4096, 12, 1);
        int[] all = new int[4096];
        zone.allocateBatch(all, 0, 4096, 0, 0);
        zone.freeBatch(all, 512, 512, 0); // child 1 is whole
        zone.freeBatch(all, 2000, 30, 0); // child 3 is not
        assertThat(zone.allocateBatch(all, 0, 8, 0, 0)).isEqualTo(8);
        assertThat(all[0]).isEqualTo(2000);
        assertThat(zone.allocate(0, 0, 0)).isEqualTo(2008);
        assertThat(zone.allocate(2, 0, 0)).isEqualTo(2012);
        assertThat(zone.allocate(5, 0, 0)).as("no other serves").isEqualTo(512);
        zone.verify();
    }

    @Test
    void shouldKeepStripesApart() {
        BuddyZone zone = new LockFreeBuddy(64 * 1024, 10, 4);
        int first = zone.allocate(0, 0, 0);
        int second = zone.allocate(0, 0, 1);
        assertThat(first >>> 10).isNotEqualTo(second >>> 10);
        assertThat(zone.allocate(0, 0, 0)).isEqualTo(first + 1);
        assertThat(zone.allocate(0, 0, 1)).isEqualTo(second + 1);
        zone.verify();
    }

    @Test
    void shouldFindTheLastFreeFrameWhoeverHasItsTreeReserved() {
        BuddyZone zone = new LockFreeBuddy(16 * 1024, 10, 4);
        int[] all = new int[16 * 1024];
        for (int stripe = 0; stripe < 16; stripe++) {
            zone.allocate(0, 0, stripe);
        }
        int taken = zone.allocateBatch(all, 0, all.length, 0, 3);
        assertThat(taken).isEqualTo(all.length - 16);
        for (int i = 0; i < taken; i += 997) {
            zone.free(all[i], 0);
            assertThat(zone.allocate(0, 0, i)).isEqualTo(all[i]);
        }
        assertThat(zone.allocate(0, 0, 1)).isEqualTo(NO_FRAME);
        zone.verify();
    }

    @Test
    void shouldEndAtTheLastFrame() {
        BuddyZone zone = zone(1024 + 512 + 64 + 1);
        assertThat(zone.allocate(10, 0, 0)).isZero();
        assertThat(zone.allocate(10, 0, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.allocate(9, 0, 0)).isEqualTo(1024);
        assertThat(zone.allocate(9, 0, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.allocate(6, 0, 0)).isEqualTo(1536);
        assertThat(zone.allocate(0, 0, 0)).isEqualTo(1600);
        assertThat(zone.allocate(0, 0, 0)).isEqualTo(NO_FRAME);
        assertThat(zone.free(1600, 1)).isFalse();
        assertThat(zone.free(1536, 9)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldGetHugeBlocksBackUnderFragmentation(int threads) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("LockFreeBuddyTest threads=" + threads + " -Dseed=" + seed);
        BuddyZone zone = zone(1 << 18);
        Fragmentation.Result result = new Fragmentation(zone, threads, 100, seed).run();
        assertThat(result.recovered()).as("%s", result).isGreaterThan(0.9);
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 18, 1 << 21, (1 << 24) + 5})
    void shouldCostLessThanAThousandthOfTheFrames(int frameCount) {
        long bytes = zone(frameCount).metadataBytes();
        assertThat(bytes).isLessThan(frameCount * 4096L / 1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, (1 << 30) + 1})
    void shouldNameAFrameCountOutOfRange(int frameCount) {
        assertThatThrownBy(() -> new LockFreeBuddy(frameCount))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("frameCount must be 1..2^30: frameCount=" + frameCount);
    }

    @Test
    void shouldSayWhatDoesNotAgree() {
        Rows rows = new Rows(1024, 2);
        Children children = new Children(1024);
        Trees trees = new Trees(1024, 10);
        FreeCount freeCount = new FreeCount(1024, 1);
        Reservations slots = new Reservations(1, false);
        ZoneWalk walk = new ZoneWalk(1024, rows, children, trees, slots, freeCount);
        walk.verify();
        rows.take(1, 8, 0);
        assertThatThrownBy(walk::verify).hasMessageContaining("free of a child are its free bits");
        children.take(1, 1);
        assertThatThrownBy(walk::verify).hasMessageContaining("free of a tree");
        trees.take(0, 1);
        assertThatThrownBy(walk::verify).hasMessageContaining("I6 free count: 1023, 1024");
        freeCount.add(0, -1);
        walk.verify();
        trees.reserve(0);
        assertThatThrownBy(walk::verify).hasMessageContaining("a reserved tree has one slot");
        slots.swap(0, 0);
        walk.verify();
        children.takeWhole(0, 9);
        trees.take(0, 512);
        freeCount.add(0, -512);
        walk.verify();
        rows.take(0, 0, 4);
        assertThatThrownBy(walk::verify).hasMessageContaining("nor touched rows");
    }

    @Test
    void shouldCountPairsOfWholeChildren() {
        BuddyZone zone = zone(4 * 1024);
        int[] blocks = new int[ORDER_MAX + 1];
        zone.freeBlocks(blocks);
        assertThat(blocks[ORDER_MAX]).isEqualTo(4);
        zone.allocate(9, 0, 0);
        zone.freeBlocks(blocks);
        assertThat(blocks).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3);
        zone.allocate(7, 0, 0);
        zone.freeBlocks(blocks);
        assertThat(blocks).containsExactly(0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2);
    }
}
