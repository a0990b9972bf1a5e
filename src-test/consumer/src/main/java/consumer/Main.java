package consumer;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.nio.file.Path;

/** Needs what every user needs: classes of the page cache, native access, a file. */
final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        try (PageCache cache =
                        PageCache.create(PageCacheConfig.builder().memoryBytes(8L << 20).build());
                PagedFile file = cache.open(Path.of("counters.db"), READ, WRITE, CREATE);
                PageCursor cursor = file.cursor()) {
            cursor.write(42);
            cursor.putLong(0, cursor.getLong(0) + 1);
            cursor.release();
            file.sync();
            System.out.println("the consumer counts " + cache.stats().pagesWritten());
        }
    }
}
