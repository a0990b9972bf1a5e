package dev.quire.bench.reference;

/**
 * Second chance: a hit sets the page's bit; the hand clears the bits it passes, and takes the first
 * page without one. Pages come in behind the hand, without the bit. The circle is a queue here:
 * what the hand passes goes to its end.
 *
 * <p>Source: Corbato, "A Paging Experiment with the Multics System", 1968.
 */
final class Clock implements ReferenceCache {
    private static final int CACHED = 0;

    private final int frames;
    private final PageLists lists;
    private final boolean[] used;

    Clock(int frames, int pages) {
        this.frames = frames;
        lists = new PageLists(pages, 1);
        used = new boolean[pages];
    }

    @Override
    public boolean access(int page) {
        if (lists.listOf(page) == CACHED) {
            used[page] = true;
            return true;
        }
        if (lists.size(CACHED) == frames) {
            evict();
        }
        lists.addNewest(CACHED, page);
        return false;
    }

    private void evict() {
        int page = lists.removeOldest(CACHED);
        while (used[page]) {
            used[page] = false;
            lists.addNewest(CACHED, page);
            page = lists.removeOldest(CACHED);
        }
    }
}
