package dev.quire.bench.reference;

/**
 * Adaptive replacement: pages seen once and pages seen again are on lists of their own, each with a
 * list of what left it lately; a miss on one of those shifts the target between the two.
 *
 * <p>Source: Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003,
 * figure 4, whose names T1, T2, B1, B2 and p these are.
 */
final class Arc implements ReferenceCache {
    private static final int T1 = 0;
    private static final int T2 = 1;
    private static final int B1 = 2;
    private static final int B2 = 3;

    private final int frames;
    private final PageLists lists;

    /** How long T1 should be. */
    private double p;

    Arc(int frames, int pages) {
        this.frames = frames;
        lists = new PageLists(pages, 4);
    }

    @Override
    public boolean access(int page) {
        switch (lists.listOf(page)) {
            case T1, T2 -> {
                lists.addNewest(T2, page);
                return true;
            }
            case B1 -> {
                p = Math.min(frames, p + Math.max(1.0, (double) lists.size(B2) / lists.size(B1)));
                replace(false);
                lists.addNewest(T2, page);
            }
            case B2 -> {
                p = Math.max(0, p - Math.max(1.0, (double) lists.size(B1) / lists.size(B2)));
                replace(true);
                lists.addNewest(T2, page);
            }
            default -> {
                makeRoom();
                lists.addNewest(T1, page);
            }
        }
        return false;
    }

    /** The paper's case IV: the page is on no list. */
    private void makeRoom() {
        int once = lists.size(T1) + lists.size(B1);
        int all = once + lists.size(T2) + lists.size(B2);
        if (once == frames) {
            if (lists.size(T1) < frames) {
                lists.removeOldest(B1);
                replace(false);
            } else {
                lists.removeOldest(T1);
            }
        } else if (all >= frames) {
            if (all == 2 * frames) {
                lists.removeOldest(B2);
            }
            replace(false);
        }
    }

    private void replace(boolean wasInB2) {
        int length = lists.size(T1);
        if (length >= 1 && (length > p || (wasInB2 && length == p))) {
            lists.addNewest(B1, lists.oldest(T1));
        } else {
            lists.addNewest(B2, lists.oldest(T2));
        }
    }
}
