package dev.quire.pagecache;

/**
 * What a cache has done for one file, all handles together, and what it holds of it. Counts begin
 * when the file is opened, and end when its last handle is closed; the cache's own ({@link
 * PageCacheStats}) go on. What is marked "now" is so at the moment of the call. As there, each
 * number is right for some moment during the call; {@code accesses} may lag behind for cursors of
 * other threads.
 *
 * @param file what it is called in messages
 * @param handles handles that are open, now
 * @param sizeBytes bytes of its content, pages that are not written back yet included, now
 * @param fenced whether it is fenced, by a failed sync or by {@link PagedFile#fence}, now
 * @param accesses lookups of its pages by cursors
 * @param faults pages brought in: read from the store, or created
 * @param refaults evicted pages that came back soon
 * @param evictions pages that reclaim took
 * @param pagesRead pages read from the store
 * @param bytesRead bytes read from the store
 * @param prefetchedPages of those, pages that were read before anybody asked for them
 * @param prefetchesWasted prefetched pages that reclaim took before anybody came
 * @param pagesWritten pages written to the store
 * @param bytesWritten bytes written to the store
 * @param directReads direct reads that went to the store
 * @param directWrites direct writes that went to the store
 * @param syncs times that the store was asked to make durable what it has
 * @param readErrors reads that failed
 * @param writeErrors writes and syncs that failed
 * @param cachedPages pages in the cache, now
 * @param dirtyPages pages that are newer than the store, now
 * @param openSnapshots snapshots that can be read, now
 */
public record FileStats(
        String file,
        int handles,
        long sizeBytes,
        boolean fenced,
        long accesses,
        long faults,
        long refaults,
        long evictions,
        long pagesRead,
        long bytesRead,
        long prefetchedPages,
        long prefetchesWasted,
        long pagesWritten,
        long bytesWritten,
        long directReads,
        long directWrites,
        long syncs,
        long readErrors,
        long writeErrors,
        long cachedPages,
        long dirtyPages,
        int openSnapshots) {
    /**
     * Lookups that found their page in the cache, in this file.
     *
     * @return at least 0; an estimate, see {@link PageCacheStats#hits}
     */
    public long hits() {
        return Math.max(0, accesses - faults);
    }
}
