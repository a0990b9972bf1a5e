package dev.quire.pagecache.space;

import java.util.concurrent.TimeUnit;

/**
 * The writes to the store of an address space: which are under way, which pages are held back, and
 * what was written but may not be durable yet.
 */
public final class StoreWrites {
    /** No log position: above all of them. */
    public static final long NO_LSN = Long.MAX_VALUE;

    /** A store that has not finished a write for so long keeps nobody else waiting. */
    private static final long HUNG_NANOS = TimeUnit.SECONDS.toNanos(1);

    private volatile int inFlight;
    private volatile long progressNanos;
    private volatile int heldPages;

    private long written; // writes that reached the store
    private long durable; // those of them that a sync covers
    private long unsyncedLsn = NO_LSN;
    private long syncingLsn = NO_LSN;

    StoreWrites() {}

    // ---- under way

    /** A write goes to the store. */
    public synchronized void begin() {
        if (inFlight == 0) {
            progressNanos = System.nanoTime();
        }
        inFlight++;
    }

    /** A write is over, whatever became of it. */
    public synchronized void end() {
        progressNanos = System.nanoTime();
        inFlight--;
    }

    /**
     * Whether the store has not finished a write for a while, although one is under way.
     *
     * @return true until it finishes one
     */
    public boolean hung() {
        return inFlight > 0 && System.nanoTime() - progressNanos > HUNG_NANOS;
    }

    // ---- held back

    /**
     * Says how many pages the engine held back when they were last to be written.
     *
     * @param pages that {@code beforeWrite} did not let go
     * @param all whether all pages were asked about; otherwise there are at least so many
     */
    public synchronized void held(int pages, boolean all) {
        if (all ? heldPages != pages : heldPages < pages) {
            heldPages = pages;
        }
    }

    /**
     * How many pages the engine held back when they were last to be written.
     *
     * @return pages
     */
    public int heldPages() {
        return heldPages;
    }

    // ---- written, but not durable

    /** A write has reached the store; its pages are still under write-back. */
    public synchronized void written() {
        written++;
    }

    /**
     * A page is dirty no longer: its log is needed until the next sync.
     *
     * @param lsn the first change that the page held, or {@link #NO_LSN}
     */
    public synchronized void unsynced(long lsn) {
        unsyncedLsn = Math.min(unsyncedLsn, lsn);
    }

    /**
     * The store is about to sync itself; syncs come one at a time.
     *
     * @return how many writes the sync covers, for {@link #synced}
     */
    public synchronized long syncing() {
        syncingLsn = Math.min(syncingLsn, unsyncedLsn);
        unsyncedLsn = NO_LSN;
        return written;
    }

    /**
     * The store has synced itself. After a sync that failed this is not called: nobody knows what
     * is durable, so that nothing is forgotten.
     *
     * @param covered what {@link #syncing} answered
     */
    public synchronized void synced(long covered) {
        durable = covered;
        syncingLsn = NO_LSN;
    }

    /**
     * Whether something was written that no sync covers.
     *
     * @return true until a sync has
     */
    public synchronized boolean anyUnsynced() {
        return durable != written;
    }

    /**
     * The lowest log position of pages that were written and may not be durable yet.
     *
     * @return {@link #NO_LSN} when there is none
     */
    public synchronized long oldestUnsynced() {
        return Math.min(unsyncedLsn, syncingLsn);
    }
}
