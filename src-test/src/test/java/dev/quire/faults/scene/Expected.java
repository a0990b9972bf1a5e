package dev.quire.faults.scene;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;

/** What the pages of a file may hold: a version each, stamped at both ends. 0 is zeros. */
final class Expected {
    static final int PAGE_BYTES = 4096;
    static final int PAGES = 24;
    static final int PAGES_MAX = 32;

    private final int[] durable = new int[PAGES_MAX];
    private final int[] before = new int[PAGES_MAX];
    private final int[] after = new int[PAGES_MAX];
    private long sizeBefore;
    private long sizeAfter;
    private boolean mayDrop;

    /** Everything is durable. */
    void written(int page, int version) {
        durable[page] = version;
        dirtied(page, version);
    }

    void dirtied(int page, int version) {
        before[page] = version;
        after[page] = version;
    }

    void size(long bytes) {
        sizeBefore = bytes;
        sizeAfter = bytes;
    }

    /** What the operation does to a page. */
    void changes(int page, int version) {
        after[page] = version;
    }

    void resizes(long bytes) {
        sizeAfter = bytes;
        for (int page = (int) (bytes / PAGE_BYTES); page < PAGES_MAX; page++) {
            after[page] = (long) page * PAGE_BYTES < bytes ? after[page] : 0;
        }
    }

    /** Of pages that the operation changes, what is not durable may be gone when it fails. */
    void mayDrop() {
        mayDrop = true;
    }

    int before(int page) {
        return before[page];
    }

    int after(int page) {
        return after[page];
    }

    long sizeBefore() {
        return sizeBefore;
    }

    long sizeAfter() {
        return sizeAfter;
    }

    void checkSize(long bytes, boolean acknowledged) {
        if (acknowledged) {
            assertThat(bytes).as("size").isEqualTo(sizeAfter);
        } else {
            assertThat(bytes).as("size").isIn(sizeBefore, sizeAfter);
        }
    }

    /**
     * Checks a page.
     *
     * @param lost whether what was not durable may be gone
     */
    void check(int page, int version, boolean acknowledged, boolean lost) {
        Set<Integer> allowed = new TreeSet<>(Set.of(after[page]));
        if (!acknowledged || lost) {
            allowed.add(before[page]);
        }
        boolean dropped = mayDrop && !acknowledged && after[page] != before[page];
        if (lost || dropped) {
            allowed.add(durable[page]);
        }
        assertThat(version).as("version of page %s", page).isIn(allowed);
    }

    static long stamp(long page, int version) {
        return version == 0 ? 0 : (page + 1) << Integer.SIZE | version;
    }

    static int version(long page, long first, long last) {
        assertThat(last).as("end of page %s", page).isEqualTo(first);
        return version(page, first);
    }

    static int version(long page, long stamp) {
        int version = (int) stamp;
        assertThat(stamp).as("stamp of page %s", page).isEqualTo(stamp(page, version));
        return version;
    }
}
