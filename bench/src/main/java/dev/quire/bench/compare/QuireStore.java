package dev.quire.bench.compare;

import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.CursorHint;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCacheStats;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Pages in Quire's page cache, direct I/O below it. */
final class QuireStore implements Store {
    /**
     * What tables take of the budget, at most: some 39 bytes a frame and 8 bytes a page of a file.
     */
    private static final int TABLES_PART = 16;

    /** Room for the tables of a frame that lie on the heap, some 43 bytes. */
    private static final int HEAP_BYTES_PER_FRAME = 64;

    private final PageCache cache;
    private final PagedFile file;
    private final int pageBytes;

    QuireStore(Path path, int pageBytes, long memoryBytes) throws IOException {
        this.pageBytes = pageBytes;
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes(memoryBytes - memoryBytes / TABLES_PART)
                                .pageBytes(pageBytes)
                                .build());
        try {
            file =
                    cache.open(
                            path,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            DirectOption.DIRECT);
        } catch (IOException | RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /** Heap that its tables need, at most, besides what any program needs. */
    static long heapBytes(int pageBytes, long memoryBytes) {
        return memoryBytes / pageBytes * HEAP_BYTES_PER_FRAME;
    }

    @Override
    public Session session() throws IOException {
        return new CursorSession(file.cursor(), file.cursor(CursorHint.SEQUENTIAL));
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public long pageMemoryBytes() {
        PageCacheStats stats = cache.stats();
        return stats.frameBytes() + stats.metadataBytes();
    }

    @Override
    public void close() throws IOException {
        file.close();
        cache.close();
    }

    /** Two cursors: what is read in order shall not look like the rest. */
    private final class CursorSession implements Session {
        private final PageCursor points;
        private final PageCursor scans;

        CursorSession(PageCursor points, PageCursor scans) {
            this.points = points;
            this.scans = scans;
        }

        @Override
        public void read(long page, MemorySegment copy) throws IOException {
            read(points, page, copy);
        }

        @Override
        public void readNext(long page, MemorySegment copy) throws IOException {
            read(scans, page, copy);
        }

        private void read(PageCursor cursor, long page, MemorySegment copy) throws IOException {
            do {
                cursor.read(page);
                cursor.copyTo(0, copy, 0, pageBytes);
            } while (cursor.retry());
        }

        @Override
        public void write(long page, MemorySegment copy) throws IOException {
            points.write(page);
            points.copyFrom(0, copy, 0, pageBytes);
            points.release();
        }

        @Override
        public void close() {
            points.close();
            scans.close();
        }
    }
}
