package dev.quire.allocator.zone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;

/** Every function beside the naive one, over dense, sparse and clustered rows. */
class RowTest {
    private static final int ROWS = 20_000;

    /** Random, mostly free, mostly taken, in runs, and the two ends. */
    private static long randomRow(SplittableRandom random, int i) {
        long row = random.nextLong();
        return switch (i % 6) {
            case 0 -> row;
            case 1 -> row | random.nextLong() | random.nextLong();
            case 2 -> row & random.nextLong() & random.nextLong();
            case 3 -> Row.ALL_FREE << (row & 63) >>> random.nextInt(64);
            case 4 -> Row.ALL_FREE ^ (1L << (row & 63));
            default -> (row & 1) == 0 ? Row.ALL_FREE : Row.NONE_FREE;
        };
    }

    private static boolean isFree(long row, int position, int length) {
        for (int i = position; i < position + length; i++) {
            if ((row >>> i & 1) == 0) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void shouldFindEveryAlignedRunOfFreeFrames(int order) {
        SplittableRandom random = new SplittableRandom(order);
        int length = 1 << order;
        for (int i = 0; i < ROWS; i++) {
            long row = randomRow(random, i);
            long naive = 0;
            for (int position = 0; position < Row.FRAMES; position += length) {
                naive |= isFree(row, position, length) ? 1L << position : 0;
            }
            assertThat(Row.heads(row, order)).as("row %x", row).isEqualTo(naive);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void shouldCoverARowWithItsBlocks(int order) {
        long covered = 0;
        for (int position = 0; position < Row.FRAMES; position += 1 << order) {
            long block = Row.block(position, order);
            assertThat(Long.bitCount(block)).isEqualTo(1 << order);
            assertThat(Long.numberOfTrailingZeros(block)).isEqualTo(position);
            assertThat(covered & block).isZero();
            covered |= block;
        }
        assertThat(covered).isEqualTo(Row.ALL_FREE);
    }

    @Test
    void shouldPickTheLowestFreeFrames() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < ROWS; i++) {
            long row = randomRow(random, i);
            int count = random.nextInt(70);
            long picked = Row.lowest(row, count);
            assertThat(picked & ~row).isZero();
            assertThat(Long.bitCount(picked)).isEqualTo(Math.min(count, Long.bitCount(row)));
            long left = row ^ picked;
            int highest = Row.FRAMES - 1 - Long.numberOfLeadingZeros(picked);
            assertThat(Long.numberOfTrailingZeros(left)).as("row %x", row).isGreaterThan(highest);
        }
    }

    /** The naive count: the largest block at each position, from the left. */
    private static int[] naiveCount(long row, int levels) {
        int[] blocks = new int[levels + 1];
        for (int position = 0; position < Row.FRAMES; ) {
            int order = levels;
            while (order >= 0
                    && (position % (1 << order) != 0 || !isFree(row, position, 1 << order))) {
                order--;
            }
            if (order >= 0) {
                blocks[order]++;
            }
            position += order < 0 ? 1 : 1 << order;
        }
        return blocks;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 6})
    void shouldCountTheLargestBlocks(int levels) {
        SplittableRandom random = new SplittableRandom(levels);
        for (int i = 0; i < ROWS; i++) {
            long row = randomRow(random, i);
            int[] blocks = new int[levels + 3];
            Row.count(row, levels, blocks, 2);
            int[] expected = new int[levels + 3];
            System.arraycopy(naiveCount(row, levels), 0, expected, 2, levels + 1);
            assertThat(blocks).as("row %x", row).isEqualTo(expected);
        }
    }
}
