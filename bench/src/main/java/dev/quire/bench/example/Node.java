package dev.quire.bench.example;

import dev.quire.pagecache.PageCursor;

/**
 * A page of the tree, seen through a cursor: sorted entries of a key and a value; in an inner page
 * the value is the child whose keys begin with that key.
 *
 * <pre>
 *   0        8       12       16     24              40
 *   +--------+-------+--------+------+-------+-------+-------+----
 *   | epoch  | level | count  | high |  key  | value |  key  | ...   254 entries
 *   +--------+-------+--------+------+-------+-------+-------+----
 *   epoch: the log has all of the page since that checkpoint | level: 0 in a leaf | high: the first key that is elsewhere
 * </pre>
 *
 * <p>What is read optimistically may be garbage until it is validated: nothing here loops for ever
 * or stores anything because of it.
 */
final class Node {
    static final int PAGE_BYTES = 4096;

    private static final int EPOCH = 0;
    private static final int LEVEL = 8;
    private static final int COUNT = 12;
    private static final int HIGH = 16;
    private static final int ENTRIES = 24;
    private static final int ENTRY_BYTES = 16;
    static final int CAPACITY = (PAGE_BYTES - ENTRIES) / ENTRY_BYTES;

    private Node() {}

    static long epoch(PageCursor c) {
        return c.getLong(EPOCH);
    }

    static boolean isLeaf(PageCursor c) {
        return c.getInt(LEVEL) == 0;
    }

    static int count(PageCursor c) {
        return Math.clamp(c.getInt(COUNT), 0, CAPACITY);
    }

    static boolean isFull(PageCursor c) {
        return count(c) == CAPACITY;
    }

    static long high(PageCursor c) {
        return c.getLong(HIGH);
    }

    static long key(PageCursor c, int at) {
        return c.getLong(ENTRIES + at * ENTRY_BYTES);
    }

    static long value(PageCursor c, int at) {
        return c.getLong(ENTRIES + at * ENTRY_BYTES + Long.BYTES);
    }

    /** How many keys are less than one. */
    static int find(PageCursor c, long key) {
        int low = 0;
        int high = count(c);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (key(c, middle) < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    static boolean has(PageCursor c, int at, long key) {
        return at < count(c) && key(c, at) == key;
    }

    /** The child of an inner page in which a key belongs. */
    static long child(PageCursor c, long key) {
        return value(c, Math.max(0, find(c, key + 1) - 1));
    }

    // ---- changes, under the latch

    static void epoch(PageCursor c, long epoch) {
        c.putLong(EPOCH, epoch);
    }

    static void high(PageCursor c, long key) {
        c.putLong(HIGH, key);
    }

    /** Adds an entry, or replaces its value. */
    static void put(PageCursor c, long key, long value) {
        int at = find(c, key);
        if (!has(c, at, key)) {
            move(c, at, c, at + 1, count(c) - at);
            c.putInt(COUNT, count(c) + 1);
            c.putLong(ENTRIES + at * ENTRY_BYTES, key);
        }
        c.putLong(ENTRIES + at * ENTRY_BYTES + Long.BYTES, value);
    }

    static void remove(PageCursor c, long key) {
        int at = find(c, key);
        if (has(c, at, key)) {
            move(c, at + 1, c, at, count(c) - at - 1);
            c.putInt(COUNT, count(c) - 1);
        }
    }

    /** Moves what the root holds to a page of zeros, which becomes its only child. */
    static void deepen(PageCursor root, PageCursor child) {
        child.copyFrom(0, root.segment(), 0, PAGE_BYTES);
        root.putInt(LEVEL, root.getInt(LEVEL) + 1);
        root.putInt(COUNT, 0);
        put(root, Long.MIN_VALUE, child.page());
    }

    /** Moves the upper half of a page to a page of zeros, and enters that into their parent. */
    static void split(PageCursor parent, PageCursor left, PageCursor right) {
        int half = count(left) / 2;
        long first = key(left, half);
        right.putInt(LEVEL, left.getInt(LEVEL));
        right.putInt(COUNT, count(left) - half);
        high(right, high(left));
        move(left, half, right, 0, count(left) - half);
        left.putInt(COUNT, half);
        high(left, first);
        put(parent, first, right.page());
    }

    private static void move(PageCursor from, int at, PageCursor to, int toAt, int count) {
        to.copyFrom(
                ENTRIES + toAt * ENTRY_BYTES,
                from.segment(),
                ENTRIES + (long) at * ENTRY_BYTES,
                count * ENTRY_BYTES);
    }
}
