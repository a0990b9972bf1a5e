package dev.quire.pagecache.core;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What the cache counts off the hit path. Hits are counted by each cursor for itself. */
public final class CacheCounters {
    /** Lookups of cursors that are closed; live cursors keep their own count. */
    public final LongAdder accesses = new LongAdder();

    /** Pages that had to be brought in: read or created. */
    public final LongAdder faults = new LongAdder();

    /** Pages read from the store. */
    public final LongAdder pagesRead = new LongAdder();

    /** Bytes read from the store. */
    public final LongAdder bytesRead = new LongAdder();

    /** Pages whose read was begun before anybody asked for them. */
    public final LongAdder prefetchedPages = new LongAdder();

    /** Prefetched pages that reclaim took before anybody came. */
    public final LongAdder prefetchesWasted = new LongAdder();

    /** Pages written to the store. */
    public final LongAdder pagesWritten = new LongAdder();

    /** Bytes written to the store. */
    public final LongAdder bytesWritten = new LongAdder();

    /** Direct reads that went to the store. */
    public final LongAdder directReads = new LongAdder();

    /** Direct writes that went to the store. */
    public final LongAdder directWrites = new LongAdder();

    /** Direct reads and writes that went through cached pages instead. */
    public final LongAdder directFallbacks = new LongAdder();

    /** Pages that a direct write could not drop at its end, and that are stale. */
    public final LongAdder stalePages = new LongAdder();

    /** Reads that failed. */
    public final LongAdder readErrors = new LongAdder();

    /** Write-backs and syncs that failed. */
    public final LongAdder writeErrors = new LongAdder();

    /** Times that a store was asked to make durable what it has, failed ones included. */
    public final LongAdder syncs = new LongAdder();

    /** How long that took. */
    public final LongAdder syncNanos = new LongAdder();

    /** Pages that reclaim took. */
    public final LongAdder evictions = new LongAdder();

    /** Evicted pages that came back soon enough to be put on the main list at once. */
    public final LongAdder refaults = new LongAdder();

    /** Frames that reclaim looked at. */
    public final LongAdder framesScanned = new LongAdder();

    /** Runs of the background reclaimer. */
    public final LongAdder backgroundReclaims = new LongAdder();

    /** Runs of reclaim by a thread that needed a frame. */
    public final LongAdder directReclaims = new LongAdder();

    /** Times that a thread was made to wait, and how long. */
    public final Stalls stalls = new Stalls();

    /** Memory that went back to the system. */
    public final LongAdder trimmedBytes = new LongAdder();

    /** Pages that moved to another frame. */
    public final LongAdder relocations = new LongAdder();

    /** Snapshots that were taken. */
    public final LongAdder snapshotsTaken = new LongAdder();

    /** Snapshots that were lost. */
    public final LongAdder snapshotsLost = new LongAdder();

    /** Old images of pages that were kept for snapshots, those of zeros only included. */
    public final LongAdder imagesKept = new LongAdder();

    /** Old images that were written to a file. */
    public final LongAdder imagesSpilled = new LongAdder();

    /** Optimistic readers that gave up and locked writers out. */
    public final LongAdder starvedReads = new LongAdder();

    /** Exceptions of callbacks that were contained. */
    public final AtomicLong callbackErrors = new AtomicLong();

    /** Pages marked in a dirty index now. */
    public final AtomicLong dirtyPages = new AtomicLong();

    /** Pages under write-back now. */
    public final AtomicLong writebackPages = new AtomicLong();

    /** Pages on their way in now: locked, not up to date. */
    public final AtomicLong fillingPages = new AtomicLong();

    /** Pages cached now. */
    public final AtomicLong cachedPages = new AtomicLong();

    /** Nothing counted yet. */
    public CacheCounters() {}
}
