package dev.quire.pagecache.writeback;

import java.lang.foreign.MemorySegment;

/**
 * Consecutive pages under write-back, to be stored by one vectored write. Belongs to the thread
 * that fills it, then to the write, then to a thread again.
 */
final class PageRun {
    /** 1 MiB of the smallest pages; more gains nothing on any device tried. */
    static final int PAGES_MAX = 256;

    static final long BYTES_MAX = 1L << 20;

    private final int pagesMax;
    private final MemorySegment[] memory;
    private final int[] frames;
    private long firstPage;
    private int count;

    /** Room for no page: stands where a run was that the store has now. */
    static final PageRun NONE = new PageRun(0);

    private PageRun(int pagesMax) {
        this.pagesMax = pagesMax;
        memory = new MemorySegment[pagesMax];
        frames = new int[pagesMax];
    }

    static PageRun ofPages(int pageBytes) {
        return new PageRun(pagesMax(pageBytes));
    }

    private static int pagesMax(int pageBytes) {
        return Math.clamp(BYTES_MAX / pageBytes, 1, PAGES_MAX);
    }

    /** Whether a page can join: it is the first one, or the next one and there is room. */
    boolean takes(long page) {
        return count == 0 || (page == firstPage + count && count < pagesMax);
    }

    void add(long page, int frame, MemorySegment segment) {
        if (count == 0) {
            firstPage = page;
        }
        frames[count] = frame;
        memory[count++] = segment;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    long firstPage() {
        return firstPage;
    }

    int frame(int i) {
        return frames[i];
    }

    MemorySegment[] memory() {
        return memory;
    }

    void clear() {
        count = 0;
    }
}
