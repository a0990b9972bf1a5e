package dev.quire.bench.soak;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Who writes which page of a file, and how often that was done. Runs of pages have one thread that
 * writes them, so that it knows what they hold; of others' pages one knows what they hold at least,
 * and at most. Any thread.
 */
final class MixedPages {
    static final int PAGE_BYTES = 1 << 12;
    static final int RUN_PAGES = 8;
    static final int PAGES = 64 * RUN_PAGES;

    private final int threads;
    private final AtomicIntegerArray written = new AtomicIntegerArray(PAGES);

    // Direct writes that have begun and that are over: odd while one is under way.
    private final AtomicIntegerArray direct = new AtomicIntegerArray(PAGES);

    MixedPages(int threads) {
        this.threads = threads;
    }

    int owner(int page) {
        return page / RUN_PAGES % threads;
    }

    /** A run of pages of a thread: its first page. */
    int firstOfRun(int thread, int anyNumber) {
        int runs = (PAGES / RUN_PAGES - thread + threads - 1) / threads;
        return (Math.floorMod(anyNumber, runs) * threads + thread) * RUN_PAGES;
    }

    /** The version of the last write of a page that is over. */
    int written(int page) {
        return written.get(page);
    }

    /** One more write of a page is over; by its thread. */
    void wrote(int page) {
        written.incrementAndGet(page);
    }

    /** A direct write of some pages begins, or is over; by their thread. */
    void turnDirect(int first, int count) {
        for (int page = first; page < first + count; page++) {
            direct.incrementAndGet(page);
        }
    }

    /** A number that changes when a direct write of a page begins, and when it is over. */
    int direct(int page) {
        return direct.get(page);
    }

    /** Whether no direct write of a page was under way since {@link #direct} answered a number. */
    boolean quietSince(int page, int number) {
        return number % 2 == 0 && direct.get(page) == number;
    }

    /**
     * Fails when a page cannot have held a version that was found.
     *
     * @param before the page's last write that was over when the read began
     */
    void check(String how, int thread, int page, int found, int before) {
        int most = owner(page) == thread ? before : written(page) + 1; // one may be under way
        if (found < before || found > most) {
            throw new AssertionError(
                    "%s of page %d found version %d, it must be from %d to %d"
                            .formatted(how, page, found, before, most));
        }
    }
}
