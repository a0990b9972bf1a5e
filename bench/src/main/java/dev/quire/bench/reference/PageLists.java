package dev.quire.bench.reference;

import java.util.Arrays;

/** Doubly linked lists of pages, of which a page is on one at most. One thread. */
final class PageLists {
    /** The list of a page that is on none. */
    static final int NOWHERE = -1;

    private static final int NONE = -1;

    private final int[] newer;
    private final int[] older;
    private final byte[] listOf;
    private final int[] newest;
    private final int[] oldest;
    private final int[] sizes;

    /**
     * Empty lists.
     *
     * @param pages how many pages there are
     * @param lists how many lists
     */
    PageLists(int pages, int lists) {
        newer = new int[pages];
        older = new int[pages];
        listOf = new byte[pages];
        newest = new int[lists];
        oldest = new int[lists];
        sizes = new int[lists];
        Arrays.fill(listOf, (byte) NOWHERE);
        Arrays.fill(newest, NONE);
        Arrays.fill(oldest, NONE);
    }

    /** The list that a page is on, or {@link #NOWHERE}. */
    int listOf(int page) {
        return listOf[page];
    }

    int size(int list) {
        return sizes[list];
    }

    /** The page that is on a list for the longest time; the list must not be empty. */
    int oldest(int list) {
        return oldest[list];
    }

    /** Puts a page in front of a list; it leaves the one it was on. */
    void addNewest(int list, int page) {
        remove(page);
        int second = newest[list];
        newer[page] = NONE;
        older[page] = second;
        if (second == NONE) {
            oldest[list] = page;
        } else {
            newer[second] = page;
        }
        newest[list] = page;
        listOf[page] = (byte) list;
        sizes[list]++;
    }

    /** Takes a page off its list, if it is on one. */
    void remove(int page) {
        int list = listOf[page];
        if (list == NOWHERE) {
            return;
        }
        if (newer[page] == NONE) {
            newest[list] = older[page];
        } else {
            older[newer[page]] = older[page];
        }
        if (older[page] == NONE) {
            oldest[list] = newer[page];
        } else {
            newer[older[page]] = newer[page];
        }
        listOf[page] = NOWHERE;
        sizes[list]--;
    }

    /** Takes the oldest page off a list, which must not be empty. */
    int removeOldest(int list) {
        int page = oldest[list];
        remove(page);
        return page;
    }
}
