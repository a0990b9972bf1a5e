package dev.quire.pagecache.readahead;

import java.util.Arrays;

/**
 * In what order one cursor reads: what it was said to do, and the pages that it lately had to wait
 * for. For one thread at a time, so that random reads share nothing.
 */
public final class ReadPattern {
    /** What is known of the order beforehand. */
    public enum Order {
        /** To be found out. */
        UNKNOWN,
        /** One page after the other, forward or backward. */
        SEQUENTIAL,
        /** None. */
        RANDOM
    }

    /** As many streams can one cursor follow by turns before they are known. */
    private static final int STREAMS = 8;

    /** Of each of them the two before the next: three misses side by side begin a stream, too. */
    static final int REMEMBERED = 2 * STREAMS;

    private static final long NONE = -3; // not near any page

    private final Order order;
    private final long[] missed = new long[REMEMBERED];
    private int at;

    /**
     * A cursor that has read nothing yet.
     *
     * @param order what is known of it
     */
    public ReadPattern(Order order) {
        this.order = order;
        Arrays.fill(missed, NONE);
    }

    /** Whether it was said not to read in order. */
    boolean random() {
        return order == Order.RANDOM;
    }

    /** Whether it was said to read in order. */
    boolean sequential() {
        return order == Order.SEQUENTIAL;
    }

    /**
     * A page had to be read by who wanted it; answers in which direction pages are wanted, 1 or -1;
     * 0 when there is none.
     *
     * @param doubtful whether two misses side by side, or one at the start, are not enough
     */
    int step(long page, boolean doubtful) {
        boolean three = doubtful && !sequential(); // who said so may still go either way
        boolean forward = three ? had(page - 1, page - 2) : lately(page - 1) || page == 0;
        boolean backward = three ? had(page + 1, page + 2) : lately(page + 1);
        missed[at] = page;
        at = (at + 1) % REMEMBERED;
        if (forward) {
            return 1;
        }
        return backward ? -1 : sequential() ? 1 : 0;
    }

    /** Whether a page was the last miss of one of so many streams by turns. */
    private boolean lately(long page) {
        return isAmong(STREAMS, page);
    }

    private boolean had(long near, long far) {
        return isAmong(REMEMBERED, near) && isAmong(REMEMBERED, far);
    }

    private boolean isAmong(int last, long page) {
        for (int i = 1; i <= last; i++) {
            if (missed[(at - i) & (REMEMBERED - 1)] == page) {
                return true;
            }
        }
        return false;
    }
}
