package dev.quire.allocator.zone;

/**
 * A row: 64 frames, one bit each, bit i the frame at position i. A set bit is a free frame.
 *
 * <p>Functions of one word, and nothing that is shared.
 */
final class Row {
    /** The order of a whole row. */
    static final int ORDER = 6;

    static final int FRAMES = 1 << ORDER;
    static final long ALL_FREE = -1L;
    static final long NONE_FREE = 0;

    /** Bits at the multiples of {@code 1 << order}. */
    private static final long[] ALIGNED = {
        -1L,
        0x5555_5555_5555_5555L,
        0x1111_1111_1111_1111L,
        0x0101_0101_0101_0101L,
        0x0001_0001_0001_0001L,
        0x0000_0001_0000_0001L,
        1L,
    };

    private Row() {}

    /**
     * Where free blocks of an order begin, parts of larger ones among them.
     *
     * @param row the row
     * @param order 0..{@link #ORDER}
     * @return a bit for every such position; 0 when there is none
     */
    static long heads(long row, int order) {
        long heads = row;
        // Bit i of heads says that a run of 1 << k free frames begins at i.
        for (int k = 0; k < order; k++) {
            heads &= heads >>> (1 << k);
        }
        return heads & ALIGNED[order];
    }

    /** The bits of a block. */
    static long block(int position, int order) {
        return (ALL_FREE >>> (FRAMES - (1 << order))) << position;
    }

    /** The lowest free frames, at most count of them. */
    static long lowest(long row, int count) {
        long rest = row;
        for (int i = 0; i < count && rest != 0; i++) {
            rest &= rest - 1;
        }
        return row ^ rest;
    }

    /**
     * Counts the largest blocks that a row consists of.
     *
     * @param row the row, or any other bits whose aligned runs are to be counted
     * @param levels how often two neighbours may merge, 0..{@link #ORDER}
     * @param blocks increased at {@code order .. order + levels}
     * @param order the order of a single bit
     */
    static void count(long row, int levels, int[] blocks, int order) {
        int parts = Long.bitCount(row);
        for (int k = 0; k < levels; k++) {
            int merged = Long.bitCount(heads(row, k + 1));
            blocks[order + k] += parts - 2 * merged;
            parts = merged;
        }
        blocks[order + levels] += parts;
    }
}
