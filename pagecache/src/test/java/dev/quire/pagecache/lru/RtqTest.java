package dev.quire.pagecache.lru;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;

class RtqTest extends ReplacementContract {
    RtqTest() {
        super(Policies.RTQ);
    }

    @ParameterizedTest
    @CsvSource({
        // frames, processors, shards
        "64, 64, 1",
        "8191, 64, 1",
        "8192, 64, 2",
        "65536, 1, 4",
        "65536, 2, 8",
        "65536, 3, 8",
        "65536, 64, 16",
        "1048576, 16, 64",
        "1048576, 1000, 64",
    })
    void shouldHaveAsManyShardsAsThreadsNeedButNoSmallOnes(
            int frameCount, int processors, int expected) {
        assertThat(Rtq.shardsFor(frameCount, processors)).isEqualTo(expected);
    }

    // A sequential file, every eighth page of one, and one page of many files.
    @ParameterizedTest
    @CsvSource({"1, 0", "8, 0", "512, 0", "0, 1"})
    void shouldDealPagesEvenly(long pageStep, int ownerStep) {
        FrameTable table = new FrameTable(16_384);
        Rtq rtq = Policies.rtq(table, 16);
        int[] batch = new int[32];
        int free = 0;
        for (int i = 0; i < 100_000; i++) {
            int frame = i < 16_000 ? i : free;
            table.update(frame, FrameState::allocate);
            table.own(frame, 1 + i * ownerStep, i * pageStep);
            rtq.insert(frame, Replacement.NO_MEMO);
            if (i >= 15_999) {
                assertThat(rtq.isolate(batch, 1)).isEqualTo(1);
                free = batch[0];
                table.tryFreeze(free, 2, FrameState.BUSY_FOR_EVICTION);
                rtq.leave(free);
                table.update(free, FrameState::free);
            }
        }
        rtq.verify();
        int[] sizes = rtq.shardSizes();
        for (int size : sizes) {
            assertThat(size).as("of %s", sizes.length).isBetween(990, 1010);
        }
    }

    @Test
    void shouldShowEachPageOfAllShardsOnce() {
        FrameTable table = new FrameTable(4096);
        Rtq rtq = Policies.rtq(table, 8);
        for (int frame = 0; frame < 4000; frame++) {
            table.update(frame, FrameState::allocate);
            table.own(frame, 1, frame);
            rtq.insert(frame, Replacement.NO_MEMO);
        }
        int[] all = new int[4096];
        assertThat(rtq.snapshot(all)).isEqualTo(4000);
        assertThat(Arrays.stream(all, 0, 4000).distinct().count()).isEqualTo(4000);
        assertThat(Arrays.stream(all, 0, 400).average().orElseThrow())
                .as("newer ones first, of whatever shard")
                .isGreaterThan(3500);
    }

    @Test
    void shouldKeepAMemosNumbersApart() {
        long memo = RtqMemo.of(-1, -1, true);
        assertThat(memo).isBetween(0L, (1L << 60) - 1);
        assertThat(RtqMemo.stamp(memo)).isEqualTo(-1);
        assertThat(RtqMemo.fromMain(memo)).isTrue();
        assertThat(RtqMemo.evictionsSince(memo, 4)).as("across the wrap").isEqualTo(5);
        memo = RtqMemo.of(7, 0, false);
        assertThat(RtqMemo.stamp(memo)).isEqualTo(7);
        assertThat(RtqMemo.fromMain(memo)).isFalse();
        assertThat(RtqMemo.evictionsSince(memo, 0)).isZero();
    }
}
