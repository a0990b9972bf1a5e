package dev.quire.bench.stat;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A program with two page caches, of which one works until the process is killed, or its input
 * ends. Without an argument it has none.
 */
public final class StatTarget {
    /** What it says when it is ready. */
    public static final String READY = "ready";

    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 256;

    private StatTarget() {}

    /** Takes a folder for its files. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length == 0) {
            System.out.println(READY);
            System.in.read();
            return;
        }
        Path folder = Path.of(args[0]);
        try (PageCache busy =
                        PageCache.create(
                                config().jmxName("busy")
                                        .statsFile(folder.resolve("stats"))
                                        .build());
                PageCache idle = PageCache.create(config().jmxName("idle one").build());
                PagedFile file =
                        busy.open(
                                folder.resolve("pages"),
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.CREATE);
                PageCursor cursor = file.cursor()) {
            System.out.println(READY + " " + idle.capacityBytes());
            for (long round = 0; System.in.available() == 0; round++) {
                cursor.write(round % PAGES);
                cursor.putLong(0, round);
                cursor.release();
                if (round % PAGES == 0) {
                    Thread.sleep(5);
                }
            }
        }
    }

    private static PageCacheConfig.Builder config() {
        return PageCacheConfig.builder().memoryBytes(64 * PAGE_BYTES).pageBytes(PAGE_BYTES);
    }
}
