package dev.quire.pagecache;

/**
 * What a cache has done, and what it holds, at one moment. The numbers are read one after the other
 * while others change them: each is right for some moment during the call, their sums need not be.
 * {@code accesses} may lag behind for cursors of other threads.
 *
 * @param accesses lookups of pages by cursors
 * @param faults pages brought in: read from the store, or created
 * @param pagesRead pages read from the store
 * @param bytesRead bytes read from the store
 * @param prefetchedPages of those, pages that were read before anybody asked for them: by
 *     read-ahead or {@link PagedFile#prefetch}
 * @param prefetchesWasted prefetched pages that reclaim took before anybody came
 * @param pagesWritten pages written to the store
 * @param bytesWritten bytes written to the store
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
 * @param dirtyPages pages that are newer than the store, now
 * @param writebackPages pages being written, now
 * @param cachedPages pages in the cache, now
 * @param freeFrames frames that hold no page, now
 * @param totalFrames frames of the cache
 * @param limitFrames frames that may be used, now
 * @param trimmedBytes memory that went back to the system because the cache was made smaller
 * @param frameBytes memory of the frames
 * @param metadataBytes memory of side tables and translation
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
        long dirtyPages,
        long writebackPages,
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
     * Lookups that found their page in the cache.
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
