package dev.quire.bench.pages;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;

/** Quire's page cache over a store that never has to be asked. */
final class QuirePages implements PageSubject {
    /** So that a small number of pages does not set the background to work. */
    private static final int PAGES_MIN = 4096;

    private final PageCache cache;
    private final PagedFile file;
    private final long slotBytes;

    QuirePages(int pages) throws IOException {
        // A quarter more than the pages: when all are dirty, that is below the background's limit.
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes(Math.max(PAGES_MIN, pages / 4L * 5) * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .dirtyPercent(85, 90)
                                .build());
        file = cache.map("zeros", new ZeroBacking());
        long empty = cache.stats().metadataBytes();
        try (PageCursor cursor = file.cursor()) {
            for (long page = 0; page < pages; page++) {
                cursor.create(page);
                cursor.putLong(0, page);
                cursor.release();
            }
        }
        // Nothing is left to be done in the background while something is measured.
        file.sync();
        slotBytes = cache.stats().metadataBytes() - empty;
    }

    @Override
    public PageAccess access() {
        return new Access(file.cursor());
    }

    /** The slots; what describes the frames lies on the heap, made with the cache. */
    @Override
    public long nativeBytes() {
        return slotBytes;
    }

    @Override
    public long room(int pages) {
        return cache.stats().totalFrames();
    }

    /** A walk at the end: a fast cache that is wrong must not pass for a fast one. */
    @Override
    public void close() throws IOException {
        cache.verify();
        cache.close();
    }

    private record Access(PageCursor cursor) implements PageAccess {
        @Override
        public long read(long page) {
            long value;
            do {
                cursor.read(page);
                value = cursor.getLong(0);
            } while (cursor.retry());
            return value;
        }

        @Override
        public long pin(long page) {
            cursor.pin(page);
            long value = cursor.getLong(0);
            cursor.release();
            return value;
        }

        @Override
        public void write(long page, long value) {
            cursor.write(page);
            cursor.putLong(0, value);
            cursor.release();
        }

        @Override
        public long sum(long page) {
            long sum;
            do {
                cursor.read(page);
                sum = 0;
                for (int offset = 0; offset < PAGE_BYTES; offset += Long.BYTES) {
                    sum += cursor.getLong(offset);
                }
            } while (cursor.retry());
            return sum;
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
