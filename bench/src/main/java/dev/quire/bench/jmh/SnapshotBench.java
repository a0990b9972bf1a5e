package dev.quire.bench.jmh;

import dev.quire.bench.pages.ZeroBacking;
import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.SnapshotCursor;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What a snapshot costs: to take and close one over a cache of 1 GiB whose pages of 8 KiB are
 * cached, and to write pages for the first time, and for the second, while one is open, beside
 * writing them while none is. All writes are of the same pages, one after the other.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@State(Scope.Benchmark)
public class SnapshotBench {
    private static final int PAGE_BYTES = 8192;

    /** A run of the build only shows that it runs. */
    private static final int SHARE = Boolean.getBoolean("quire.bench.quiet") ? 16 : 1;

    private static final int FRAMES = (1 << 30) / PAGE_BYTES / SHARE;

    /** What is left of the frames is free, and more than the images of the written pages take. */
    private static final int PAGES = FRAMES / 4 * 3;

    private static final int WRITES = 4096;

    @SuppressWarnings("NullAway.Init") // by open
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // by open
    private PagedFile file;

    /** Made by JMH. */
    public SnapshotBench() {}

    /**
     * Brings all pages in.
     *
     * @throws IOException if it cannot
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .dirtyPercent(85, 90)
                                .dirtyAge(Duration.ofHours(1))
                                .build());
        file = cache.map("bench", new ZeroBacking());
        try (PageCursor cursor = file.cursor()) {
            for (int page = 0; page < PAGES; page++) {
                cursor.create(page);
                cursor.release();
            }
        }
        file.sync();
    }

    /**
     * Closes the cache.
     *
     * @throws IOException if it cannot
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        cache.close();
    }

    /** One thread's cursor, and an open snapshot. */
    @State(Scope.Thread)
    public static class Snapshot {
        @SuppressWarnings("NullAway.Init") // by open
        private PageCursor cursor;

        @SuppressWarnings("NullAway.Init") // by take
        private FileSnapshot snapshot;

        @SuppressWarnings("NullAway.Init") // by take
        private SnapshotCursor reader;

        /** Made by JMH. */
        public Snapshot() {}

        /**
         * Opens the cursor.
         *
         * @param bench whose file
         */
        @Setup(Level.Trial)
        public void open(SnapshotBench bench) {
            cursor = bench.file.cursor();
        }

        /**
         * Takes the snapshot; the pages are as they were before the last one.
         *
         * @param bench whose file
         */
        @Setup(Level.Invocation)
        public void take(SnapshotBench bench) {
            snapshot = bench.file.snapshot();
            reader = snapshot.cursor();
        }

        /** Closes the snapshot. */
        @TearDown(Level.Invocation)
        public void close() {
            reader.close();
            snapshot.close();
        }
    }

    /** One thread's cursor. */
    @State(Scope.Thread)
    public static class Cursor {
        @SuppressWarnings("NullAway.Init") // by open
        private PageCursor cursor;

        /** Made by JMH. */
        public Cursor() {}

        /**
         * Opens it.
         *
         * @param bench whose file
         */
        @Setup(Level.Trial)
        public void open(SnapshotBench bench) {
            cursor = bench.file.cursor();
        }
    }

    private static void write(PageCursor cursor) {
        for (int page = 0; page < WRITES / SHARE; page++) {
            cursor.write(page);
            cursor.putLong(0, page);
            cursor.release();
        }
    }

    /**
     * Takes a snapshot and closes it.
     *
     * @return its size
     */
    @Benchmark
    public long takeAndClose() {
        try (FileSnapshot snapshot = file.snapshot()) {
            return snapshot.sizeBytes();
        }
    }

    /**
     * A page is written while there is no snapshot.
     *
     * @param cursor of this thread
     */
    @Benchmark
    @OperationsPerInvocation(WRITES)
    public void plainWrite(Cursor cursor) {
        write(cursor.cursor);
    }

    /**
     * A page is written for the first time since a snapshot was taken.
     *
     * @param snapshot just taken
     */
    @Benchmark
    @OperationsPerInvocation(WRITES)
    public void firstWrite(Snapshot snapshot) {
        write(snapshot.cursor);
    }

    /**
     * Two writes of a page, the first of which keeps it.
     *
     * @param snapshot just taken
     */
    @Benchmark
    @OperationsPerInvocation(WRITES)
    public void firstAndSecondWrite(Snapshot snapshot) {
        write(snapshot.cursor);
        write(snapshot.cursor);
    }

    /**
     * A cached page is read from a snapshot.
     *
     * @param snapshot just taken
     * @return a sum
     */
    @Benchmark
    @OperationsPerInvocation(WRITES)
    public long read(Snapshot snapshot) {
        long sum = 0;
        for (int page = 0; page < WRITES / SHARE; page++) {
            snapshot.reader.read(page);
            sum += snapshot.reader.getLong(0);
        }
        return sum;
    }
}
