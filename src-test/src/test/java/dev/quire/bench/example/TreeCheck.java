package dev.quire.bench.example;

import dev.quire.pagecache.PageCursor;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Walks a tree that nobody changes: each page is where it belongs, and its keys are in order. */
final class TreeCheck {
    private final TreeStore store;
    private final TreeMap<Long, Long> entries = new TreeMap<>();
    private final Set<Long> seen = new HashSet<>();

    private TreeCheck(TreeStore store) {
        this.store = store;
    }

    /** Fails if the tree is none; answers what is in it. */
    static Map<Long, Long> entries(TreeStore store) {
        TreeCheck check = new TreeCheck(store);
        try (PageCursor c = store.file.cursor()) {
            c.pin(TreeStore.ROOT);
            int level = 0;
            while (!Node.isLeaf(c)) {
                long child = Node.value(c, 0);
                c.release();
                c.pin(child);
                level++;
            }
            c.release();
            check.page(TreeStore.ROOT, level, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        return check.entries;
    }

    /** A page whose keys are at least one, and below another. */
    private void page(long page, int level, long low, long high) {
        expect(seen.add(page), page, "is there twice");
        try (PageCursor c = store.file.cursor()) {
            c.pin(page);
            int count = Node.count(c);
            expect(Node.isLeaf(c) == (level == 0), page, "is not of level " + level);
            expect(Node.high(c) == high, page, "ends at " + Node.high(c) + ", not at " + high);
            expect(level == 0 || Node.key(c, 0) == low, page, "does not begin with " + low);
            for (int i = 0; i < count; i++) {
                long key = Node.key(c, i);
                long next = i + 1 < count ? Node.key(c, i + 1) : high;
                expect(low <= key && key < next && next <= high, page, "has " + key + " at " + i);
                if (level == 0) {
                    entries.put(key, Node.value(c, i));
                } else {
                    page(Node.value(c, i), level - 1, key, next);
                }
            }
            c.release();
        }
    }

    private static void expect(boolean right, long page, String what) {
        if (!right) {
            throw new AssertionError("page " + page + " " + what);
        }
    }
}
