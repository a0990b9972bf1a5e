package dev.quire.pagecache.warm;

import dev.quire.pagecache.space.WarmPages;

import java.util.Arrays;

/**
 * The hot pages of a file: those of the main list first, in each list the newest first. 8 bytes a
 * page, 1 MiB for 1 GiB of pages of 8 KiB.
 */
final class HotPages {
    private final long[] pages;
    private final int mainCount;

    /**
     * A list of pages.
     *
     * @param pages page indices; not copied
     * @param mainCount how many of them, from the first on, were on the main list
     */
    HotPages(long[] pages, int mainCount) {
        if (mainCount < 0 || mainCount > pages.length) {
            throw new IllegalArgumentException(
                    "pages of the main list must be 0.." + pages.length + ": main=" + mainCount);
        }
        this.pages = pages;
        this.mainCount = mainCount;
    }

    /** What is cached of a file now. */
    static HotPages of(WarmPages cached) {
        Collector collector = new Collector();
        cached.forEachCached(collector);
        return collector.pages();
    }

    int count() {
        return pages.length;
    }

    int mainCount() {
        return mainCount;
    }

    long page(int index) {
        return pages[index];
    }

    boolean main(int index) {
        return index < mainCount;
    }

    /** The first pages, in the order in which they lie in the file. */
    long[] sorted(int count) {
        long[] sorted = Arrays.copyOf(pages, count);
        Arrays.sort(sorted);
        return sorted;
    }

    /** Pages may change lists while they are visited: they are sorted again. */
    private static final class Collector implements WarmPages.Visitor {
        private long[] main = new long[64];
        private long[] probation = new long[64];
        private int mainCount;
        private int probationCount;

        @Override
        public void visit(long page, boolean isMain) {
            if (isMain) {
                main = with(main, mainCount++, page);
            } else {
                probation = with(probation, probationCount++, page);
            }
        }

        private static long[] with(long[] pages, int index, long page) {
            long[] room = index < pages.length ? pages : Arrays.copyOf(pages, 2 * index);
            room[index] = page;
            return room;
        }

        HotPages pages() {
            long[] all = Arrays.copyOf(main, mainCount + probationCount);
            System.arraycopy(probation, 0, all, mainCount, probationCount);
            return new HotPages(all, mainCount);
        }
    }
}
