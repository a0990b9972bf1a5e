package dev.quire.bench.jmh;

import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * How long hits take at worst, alone and while another thread writes twice the cache over and over,
 * so that write-back and reclaim never rest.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class PageTailBench {
    private static final int PAGE_BYTES = 8192;
    private static final int CACHED_PAGES = 8192;
    private static final int HOT_PAGES = 256;

    @Param({"false", "true"})
    private boolean writing;

    @SuppressWarnings("NullAway.Init") // by open
    private Path folder;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCursor cursor;

    private volatile boolean ending;
    private @Nullable Thread writer;

    /** Made by JMH. */
    public PageTailBench() {}

    /**
     * Fills the hot pages, and starts the writer if one is wanted.
     *
     * @throws IOException if it cannot
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        folder = Files.createTempDirectory("quire-tail");
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) CACHED_PAGES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        PagedFile hot = openFile("hot");
        cursor = hot.cursor();
        for (long page = 0; page < HOT_PAGES; page++) {
            cursor.create(page);
            cursor.putLong(0, page);
            cursor.release();
        }
        PagedFile cold = openFile("cold");
        if (writing) {
            ending = false;
            writer = Thread.ofPlatform().daemon().start(() -> write(cold));
        }
    }

    private PagedFile openFile(String name) throws IOException {
        OpenOption[] options = {
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            DirectOption.DIRECT
        };
        return cache.open(folder.resolve(name), options);
    }

    private void write(PagedFile file) {
        try (PageCursor c = file.cursor()) {
            for (long i = 0; !ending; i++) {
                c.create(i % (2 * CACHED_PAGES));
                c.putLong(0, i);
                c.release();
            }
        }
    }

    /**
     * Ends the writer, and removes the files.
     *
     * @throws Exception if it cannot
     */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        ending = true;
        if (writer != null) {
            writer.join();
        }
        cursor.close();
        cache.close();
        Files.deleteIfExists(folder.resolve("hot"));
        Files.deleteIfExists(folder.resolve("cold"));
        Files.delete(folder);
    }

    /**
     * An optimistic read of a cached page.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long hit(PageNumbers random) {
        long page = random.next(HOT_PAGES);
        long value;
        do {
            cursor.read(page);
            value = cursor.getLong(0);
        } while (cursor.retry());
        return value;
    }
}
