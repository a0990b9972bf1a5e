package dev.quire.pagecache.core;

import java.util.concurrent.atomic.LongAdder;

/**
 * What is counted of one file, and in the same step of its cache: only where a page comes in or
 * goes, or a store is called. About 1 KiB a file.
 */
public final class FileCounters {
    /** A count of one file that is a part of its cache's. */
    public static final class Part {
        private final LongAdder own = new LongAdder();
        private final LongAdder all;

        private Part(LongAdder all) {
            this.all = all;
        }

        /** One more. */
        public void increment() {
            own.increment();
            all.increment();
        }

        /**
         * More of them.
         *
         * @param count how many
         */
        public void add(long count) {
            own.add(count);
            all.add(count);
        }

        /**
         * How many.
         *
         * @return of this file alone
         */
        public long sum() {
            return own.sum();
        }
    }

    /** {@link CacheCounters#accesses}. */
    public final Part accesses;

    /** {@link CacheCounters#faults}. */
    public final Part faults;

    /** {@link CacheCounters#refaults}. */
    public final Part refaults;

    /** {@link CacheCounters#evictions}. */
    public final Part evictions;

    /** {@link CacheCounters#pagesRead}. */
    public final Part pagesRead;

    /** {@link CacheCounters#bytesRead}. */
    public final Part bytesRead;

    /** {@link CacheCounters#prefetchedPages}. */
    public final Part prefetchedPages;

    /** {@link CacheCounters#prefetchesWasted}. */
    public final Part prefetchesWasted;

    /** {@link CacheCounters#pagesWritten}. */
    public final Part pagesWritten;

    /** {@link CacheCounters#bytesWritten}. */
    public final Part bytesWritten;

    /** {@link CacheCounters#directReads}. */
    public final Part directReads;

    /** {@link CacheCounters#directWrites}. */
    public final Part directWrites;

    /** {@link CacheCounters#readErrors}. */
    public final Part readErrors;

    /** {@link CacheCounters#writeErrors}. */
    public final Part writeErrors;

    /** {@link CacheCounters#syncs}. */
    public final Part syncs;

    /** Pages cached now. */
    public final LongAdder cachedPages = new LongAdder();

    /**
     * Nothing counted yet.
     *
     * @param all of the file's cache
     */
    public FileCounters(CacheCounters all) {
        accesses = new Part(all.accesses);
        faults = new Part(all.faults);
        refaults = new Part(all.refaults);
        evictions = new Part(all.evictions);
        pagesRead = new Part(all.pagesRead);
        bytesRead = new Part(all.bytesRead);
        prefetchedPages = new Part(all.prefetchedPages);
        prefetchesWasted = new Part(all.prefetchesWasted);
        pagesWritten = new Part(all.pagesWritten);
        bytesWritten = new Part(all.bytesWritten);
        directReads = new Part(all.directReads);
        directWrites = new Part(all.directWrites);
        readErrors = new Part(all.readErrors);
        writeErrors = new Part(all.writeErrors);
        syncs = new Part(all.syncs);
    }
}
