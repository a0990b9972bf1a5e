package dev.quire.bench.jmh;

import dev.quire.bench.pages.ZeroBacking;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import jdk.jfr.Configuration;
import jdk.jfr.Recording;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a hit costs while the cache is watched. Iterations take turns, so that what the clock of the
 * machine does from minute to minute falls on all alike: the 1st, 4th, 7th, … without anybody, the
 * 2nd, 5th, … during a flight recording with the JDK's default settings, the 3rd, 6th, … while a
 * thread takes the statistics a hundred times a second.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 12, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 120, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
@State(Scope.Benchmark)
public class PageHitWatchedBench {
    private static final int PAGE_BYTES = 8192;
    private static final int HOT_PAGES = 256;
    private static final int TURNS = 3;
    private static final long ASKED_NANOS = 10_000_000;

    private final PageCache cache =
            PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes(4L * HOT_PAGES * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .build());

    @SuppressWarnings("NullAway.Init") // by fill
    private PagedFile file;

    @SuppressWarnings("NullAway.Init") // by fill
    private PageCursor cursor;

    private int turn;
    private @Nullable Recording recording;
    private @Nullable Thread asking;

    /** What was asked last, so that asking is not optimized away. */
    volatile long asked;

    /** Made by JMH. */
    public PageHitWatchedBench() {}

    /**
     * Writes every page.
     *
     * @throws IOException never
     */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        file = cache.map("zeros", new ZeroBacking());
        cursor = file.cursor();
        for (long page = 0; page < HOT_PAGES; page++) {
            cursor.create(page);
            cursor.putLong(0, page);
            cursor.release();
        }
        file.sync();
    }

    /**
     * Closes the cache.
     *
     * @throws IOException never
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cursor.close();
        cache.close();
    }

    /**
     * The next one's turn.
     *
     * @throws Exception if the JDK has no default settings
     */
    @Setup(Level.Iteration)
    public void watch() throws Exception {
        switch (turn++ % TURNS) {
            case 1 -> {
                recording = new Recording(Configuration.getConfiguration("default"));
                recording.start();
            }
            case 2 -> asking = Thread.ofPlatform().daemon().start(this::ask);
            default -> {}
        }
    }

    private void ask() {
        while (!Thread.interrupted()) {
            asked = cache.stats().accesses() + file.stats().accesses();
            LockSupport.parkNanos(ASKED_NANOS);
        }
    }

    /**
     * His turn is over.
     *
     * @throws InterruptedException if interrupted
     */
    @TearDown(Level.Iteration)
    public void leave() throws InterruptedException {
        if (recording != null) {
            recording.close();
            recording = null;
        }
        if (asking != null) {
            asking.interrupt();
            asking.join();
            asking = null;
        }
    }

    /**
     * An optimistic read, hot.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long read(PageNumbers random) {
        long page = random.next(HOT_PAGES);
        long value;
        do {
            cursor.read(page);
            value = cursor.getLong(0);
        } while (cursor.retry());
        return value;
    }
}
