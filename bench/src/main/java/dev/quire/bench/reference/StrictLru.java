package dev.quire.bench.reference;

/** Least recently used: every access moves its page to the front of one list. */
final class StrictLru implements ReferenceCache {
    private static final int CACHED = 0;

    private final int frames;
    private final PageLists lists;

    StrictLru(int frames, int pages) {
        this.frames = frames;
        lists = new PageLists(pages, 1);
    }

    @Override
    public boolean access(int page) {
        boolean hit = lists.listOf(page) == CACHED;
        if (!hit && lists.size(CACHED) == frames) {
            lists.removeOldest(CACHED);
        }
        lists.addNewest(CACHED, page);
        return hit;
    }
}
