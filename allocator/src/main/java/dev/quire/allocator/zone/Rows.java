package dev.quire.allocator.zone;

import static dev.quire.allocator.zone.BuddyZone.NO_FRAME;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The rows of a zone, eight a child: which frames are free, and the last word on it.
 *
 * <p>Whoever takes frames holds as many tickets of the child. A block of at most a row is taken and
 * given by one CAS; one of several rows row by row, with full undo.
 */
class Rows {
    private static final VarHandle ROWS = MethodHandles.arrayElementVarHandle(long[].class);

    /** log2 of the rows of a child. */
    static final int CHILD_SHIFT = Child.ORDER - Row.ORDER;

    /** The first row: away from the array's header, which every access reads. */
    private static final int FIRST = 16;

    private final long[] rows;

    /** Rows whose frames are free, except those from frameCount on, which are taken for ever. */
    Rows(int frameCount, int childCount) {
        rows = new long[FIRST + (childCount << CHILD_SHIFT)];
        int whole = frameCount >>> Row.ORDER;
        Arrays.fill(rows, FIRST, FIRST + whole, Row.ALL_FREE);
        int rest = frameCount & (Row.FRAMES - 1);
        if (rest > 0) {
            rows[FIRST + whole] = ~(Row.ALL_FREE << rest);
        }
    }

    long row(int row) {
        return (long) ROWS.getAcquire(rows, FIRST + row);
    }

    /*
     * Ordering: every change of a row is a full CAS.
     * Pairs:    the CAS that gives a frame with the CAS that takes it.
     * Gives:    what its last owner did before he gave it is visible to the next.
     * Checked:  jcstress BatchAgainstBatch; its weaker twin stores the row.
     */

    /** One CAS. Tests override it to have something happen just before. */
    boolean cas(int row, long seen, long next) {
        return ROWS.compareAndSet(rows, FIRST + row, seen, next);
    }

    /** A store, for who owns every frame of the row: nobody else may change it then. */
    void set(int row, long value) {
        ROWS.setVolatile(rows, FIRST + row, value);
    }

    // ---- take

    /**
     * Looks for a free block.
     *
     * @param child where
     * @param order 0..8
     * @return the row in which the lowest one begins, or -1
     */
    int find(int child, int order) {
        int first = child << CHILD_SHIFT;
        int step = rowsOf(order);
        for (int row = first; row < first + (1 << CHILD_SHIFT); row += step) {
            if (order > Row.ORDER ? allFree(row, step) : Row.heads(row(row), order) != 0) {
                return row;
            }
        }
        return -1;
    }

    /**
     * Takes a block.
     *
     * @param child where; the caller holds a ticket for every frame of the block
     * @param firstRow where to begin to look within the child, a multiple of the block's rows
     * @param order 0..8
     * @return its head frame, or NO_FRAME
     */
    int take(int child, int firstRow, int order) {
        int end = (child + 1) << CHILD_SHIFT;
        int step = rowsOf(order);
        for (int row = firstRow; row < end; row += step) {
            int head = order > Row.ORDER ? takeRows(row, step) : takeWithin(row, order);
            if (head != NO_FRAME) {
                return head;
            }
        }
        return NO_FRAME;
    }

    /** Goes round again only when somebody else changed the row. */
    private int takeWithin(int row, int order) {
        while (true) {
            long seen = row(row);
            long heads = Row.heads(seen, order);
            if (heads == 0) {
                return NO_FRAME;
            }
            int position = Long.numberOfTrailingZeros(heads);
            if (cas(row, seen, seen & ~Row.block(position, order))) {
                return (row << Row.ORDER) + position;
            }
        }
    }

    /** Takes a certain block, for which the caller holds tickets; false when not all is free. */
    boolean takeAt(int head, int order) {
        int row = head >>> Row.ORDER;
        if (order > Row.ORDER) {
            return takeRows(row, rowsOf(order)) != NO_FRAME;
        }
        long block = Row.block(head & (Row.FRAMES - 1), order);
        while (true) {
            long seen = row(row);
            if ((seen & block) != block) {
                return false;
            }
            if (cas(row, seen, seen & ~block)) {
                return true;
            }
        }
    }

    private int takeRows(int first, int count) {
        if (!allFree(first, count)) {
            return NO_FRAME;
        }
        for (int taken = 0; taken < count; taken++) {
            if (!cas(first + taken, Row.ALL_FREE, Row.NONE_FREE)) {
                while (--taken >= 0) {
                    set(first + taken, Row.ALL_FREE);
                }
                return NO_FRAME;
            }
        }
        return first << Row.ORDER;
    }

    /**
     * Takes single frames, those of one row by one CAS.
     *
     * @param child where
     * @param frames where to put them
     * @param from first index to fill
     * @param tickets how many; the caller holds a ticket for each
     * @return how many were taken; fewer only when others moved the free ones meanwhile
     */
    int takeSingles(int child, int[] frames, int from, int tickets) {
        int first = child << CHILD_SHIFT;
        int taken = 0;
        for (int row = first; row < first + (1 << CHILD_SHIFT) && taken < tickets; row++) {
            taken += takeSinglesWithin(row, frames, from + taken, tickets - taken);
        }
        return taken;
    }

    private int takeSinglesWithin(int row, int[] frames, int from, int tickets) {
        while (true) {
            long seen = row(row);
            long taken = Row.lowest(seen, tickets);
            if (taken == 0) {
                return 0;
            }
            if (cas(row, seen, seen ^ taken)) {
                int base = row << Row.ORDER;
                int at = from;
                for (long rest = taken; rest != 0; rest &= rest - 1) {
                    frames[at++] = base + Long.numberOfTrailingZeros(rest);
                }
                return at - from;
            }
        }
    }

    // ---- give

    /**
     * Gives a block back.
     *
     * @param head its head
     * @param order 0..8
     * @return how many frames became free: all, or none because some of them were. Only when two
     *     frees of overlapping blocks race it can be a part, the first rows of the block
     */
    int give(int head, int order) {
        int row = head >>> Row.ORDER;
        if (order > Row.ORDER) {
            return giveRows(row, rowsOf(order));
        }
        long block = Row.block(head & (Row.FRAMES - 1), order);
        return giveWithin(row, block) ? 1 << order : 0;
    }

    /** Gives frames of one row back; false, with nothing changed, when one of them is free. */
    boolean giveWithin(int row, long frames) {
        while (true) {
            long seen = row(row);
            if ((seen & frames) != 0) {
                return false;
            }
            if (cas(row, seen, seen | frames)) {
                return true;
            }
        }
    }

    private int giveRows(int first, int count) {
        for (int row = first; row < first + count; row++) {
            if (row(row) != Row.NONE_FREE) {
                return 0;
            }
        }
        for (int given = 0; given < count; given++) {
            if (!cas(first + given, Row.NONE_FREE, Row.ALL_FREE)) {
                // No undo: what became free may be somebody else's by now.
                return given << Row.ORDER;
            }
        }
        return count << Row.ORDER;
    }

    // ---- look

    /** Whether all frames of a block of order 0..8 are free. */
    boolean isFree(int head, int order) {
        int row = head >>> Row.ORDER;
        if (order > Row.ORDER) {
            return allFree(row, rowsOf(order));
        }
        long block = Row.block(head & (Row.FRAMES - 1), order);
        return (row(row) & block) == block;
    }

    /** Free frames of a child. */
    int free(int child) {
        int free = 0;
        for (int i = 0; i < 1 << CHILD_SHIFT; i++) {
            free += Long.bitCount(row((child << CHILD_SHIFT) + i));
        }
        return free;
    }

    /** Whether all frames of some rows are free. */
    boolean allFree(int first, int count) {
        for (int row = first; row < first + count; row++) {
            if (row(row) != Row.ALL_FREE) {
                return false;
            }
        }
        return true;
    }

    long bytes() {
        return (long) rows.length * Long.BYTES;
    }

    private static int rowsOf(int order) {
        return order > Row.ORDER ? 1 << (order - Row.ORDER) : 1;
    }
}
