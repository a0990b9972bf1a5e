package dev.quire.pagecache;

/**
 * What a cache has done, and what it holds, at one moment. The numbers are read one after the other
 * while others change them: each is right for some moment during the call, their sums need not be.
 * {@code accesses} may lag behind for cursors of other threads. What is marked "now" is so at the
 * moment of the call; the others are counts since the cache was created, of files that are closed,
 * too.
 *
 * @param accesses lookups of pages by cursors
 * @param faults pages brought in: read from the store, or created
 * @param pagesRead pages read from the store
 * @param bytesRead bytes read from the store
 * @param prefetchedPages of those, pages that were read before anybody asked for them: by
 *     read-ahead or {@link PagedFile#prefetch}
 * @param prefetchesWasted prefetched pages that reclaim took before anybody came. Those that were
 *     of use are not counted: somebody's coming is a hit
 * @param pagesWritten pages written to the store
 * @param bytesWritten bytes written to the store
 * @param syncs times that a store was asked to make durable what it has, failed ones included
 * @param syncNanos nanoseconds that took, all of them together
 * @param directReads direct reads that went to the store
 * @param directWrites direct writes that went to the store
 * @param directFallbacks direct reads and writes that went through cached pages instead
 * @param stalePages cached pages that a direct write could not drop when it was over
 * @param readErrors reads that failed
 * @param writeErrors writes and syncs that failed
 * @param evictions pages that reclaim took
 * @param refaults evicted pages that came back soon
 * @param relocations pages that moved to another frame
 * @param framesScanned frames that reclaim looked at
 * @param backgroundReclaims runs of the background reclaimer
 * @param directReclaims times that a thread had to reclaim for itself
 * @param frameWaits times that a thread that needed a frame had to wait for one
 * @param frameWaitNanos nanoseconds of those waits, all threads together
 * @param writeThrottles times that a writer was slowed or stopped because many pages were dirty
 * @param writeThrottleNanos nanoseconds of those waits, all threads together
 * @param pageWaits times that a thread waited for a page that another one read, wrote, latched or
 *     punched out
 * @param pageWaitNanos nanoseconds of those waits, all threads together
 * @param starvedReads optimistic reads that locked writers out in the end
 * @param callbackErrors exceptions of callbacks that were contained
 * @param snapshotsTaken snapshots of files that were taken
 * @param snapshotsLost of those, the ones that were lost while they were open
 * @param imagesKept old images of pages that were kept for snapshots, those of zeros only included
 * @param imagesSpilled of those, the ones that were written to a file
 * @param openFiles files that are open, their handles aside, now
 * @param fencedFiles of those, the ones that are fenced, by a failed sync or by {@link
 *     PagedFile#fence}, now
 * @param openSnapshots snapshots that can be read, now
 * @param imageFrames frames that hold old images, now
 * @param dirtyPages pages that are newer than the store, now
 * @param writebackPages pages being written, now
 * @param fillingPages pages being read, now
 * @param cachedPages pages in the cache, now
 * @param freeFrames frames that hold no page, now
 * @param totalFrames frames of the cache
 * @param limitFrames frames that may be used, now
 * @param trimmedBytes memory that went back to the system because the cache was made smaller, in
 *     bytes
 * @param frameBytes memory of the frames, in bytes
 * @param metadataBytes memory of side tables and translation, in bytes, now
 */
public record PageCacheStats(
        long accesses,
        long faults,
        long pagesRead,
        long bytesRead,
        long prefetchedPages,
        long prefetchesWasted,
        long pagesWritten,
        long bytesWritten,
        long syncs,
        long syncNanos,
        long directReads,
        long directWrites,
        long directFallbacks,
        long stalePages,
        long readErrors,
        long writeErrors,
        long evictions,
        long refaults,
        long relocations,
        long framesScanned,
        long backgroundReclaims,
        long directReclaims,
        long frameWaits,
        long frameWaitNanos,
        long writeThrottles,
        long writeThrottleNanos,
        long pageWaits,
        long pageWaitNanos,
        long starvedReads,
        long callbackErrors,
        long snapshotsTaken,
        long snapshotsLost,
        long imagesKept,
        long imagesSpilled,
        long openFiles,
        long fencedFiles,
        long openSnapshots,
        long imageFrames,
        long dirtyPages,
        long writebackPages,
        long fillingPages,
        long cachedPages,
        long freeFrames,
        long totalFrames,
        long limitFrames,
        long trimmedBytes,
        long frameBytes,
        long metadataBytes) {
    /**
     * Times that a thread was made to wait for want of memory: for a frame, or for write-back.
     *
     * @return at least 0
     */
    public long stalls() {
        return frameWaits + writeThrottles;
    }

    /**
     * How long those waits took.
     *
     * @return nanoseconds, all threads together
     */
    public long stallNanos() {
        return frameWaitNanos + writeThrottleNanos;
    }

    /**
     * Lookups that found their page in the cache. Hits are not counted: they are what is left of
     * the lookups, which each cursor counts for itself. A page that was read ahead counts against
     * them like one that had to be waited for.
     *
     * @return at least 0
     */
    public long hits() {
        return Math.max(0, accesses - faults);
    }

    /**
     * The part of the lookups that found their page in the cache.
     *
     * @return 0..1; 1 when there was no lookup
     */
    public double hitRatio() {
        return accesses == 0 ? 1 : (double) hits() / accesses;
    }
}
