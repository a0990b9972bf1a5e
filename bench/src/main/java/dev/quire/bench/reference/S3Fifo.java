package dev.quire.bench.reference;

/**
 * Three queues: new pages pass a small one, from which only pages used more than once go on to the
 * main one; a page that comes back while its number is in the ghost queue goes to the main one at
 * once. Main is a clock with counters.
 *
 * <p>Source: Yang et al., "FIFO Queues Are All You Need for Cache Eviction", SOSP 2023, algorithm
 * 1: a small queue of a tenth of the cache, as many ghosts as the main queue has room for.
 */
final class S3Fifo implements ReferenceCache {
    private static final int SMALL = 0;
    private static final int MAIN = 1;
    private static final int GHOST = 2;
    private static final int USES_MAX = 3;

    private final int frames;
    private final int smallFrames;
    private final PageLists lists;
    private final byte[] uses;

    S3Fifo(int frames, int pages) {
        this.frames = frames;
        smallFrames = Math.max(1, frames / 10);
        lists = new PageLists(pages, 3);
        uses = new byte[pages];
    }

    @Override
    public boolean access(int page) {
        int list = lists.listOf(page);
        if (list == SMALL || list == MAIN) {
            uses[page] = (byte) Math.min(uses[page] + 1, USES_MAX);
            return true;
        }
        while (cached() >= frames) {
            evict();
        }
        // Asked again: making room may have pushed the page's own ghost out.
        lists.addNewest(lists.listOf(page) == GHOST ? MAIN : SMALL, page);
        uses[page] = 0;
        return false;
    }

    private int cached() {
        return lists.size(SMALL) + lists.size(MAIN);
    }

    private void evict() {
        if (lists.size(SMALL) >= smallFrames) {
            evictSmall();
        } else {
            evictMain();
        }
    }

    private void evictSmall() {
        while (lists.size(SMALL) > 0) {
            int page = lists.removeOldest(SMALL);
            if (uses[page] <= 1) {
                addGhost(page);
                return;
            }
            uses[page] = 0;
            if (lists.size(MAIN) >= frames - smallFrames) {
                evictMain();
            }
            lists.addNewest(MAIN, page);
        }
    }

    private void evictMain() {
        while (lists.size(MAIN) > 0) {
            int page = lists.removeOldest(MAIN);
            if (uses[page] == 0) {
                return;
            }
            uses[page]--;
            lists.addNewest(MAIN, page);
        }
    }

    private void addGhost(int page) {
        if (frames > smallFrames) {
            if (lists.size(GHOST) >= frames - smallFrames) {
                lists.removeOldest(GHOST);
            }
            lists.addNewest(GHOST, page);
        }
    }
}
