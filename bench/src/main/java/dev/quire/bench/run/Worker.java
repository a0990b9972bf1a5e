package dev.quire.bench.run;

import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * One thread of the workload: reads and rewrites pages, checks every one of them, and measures how
 * long the page cache takes.
 *
 * <p>A read's time is that of finding the page, copying it out and validating the copy; the check
 * of the copy comes after it. A write's time is that of latching the page, checking and rewriting
 * all of its bytes, and releasing it. Every operation is timed: reading the clock twice costs less
 * than a tenth of copying and checking a page, and a sample would miss the rare long ones.
 */
final class Worker {
    private final PagedFile file;
    private final Contents contents;
    private final KeySource keys;
    private final SplittableRandom random;
    private final int readPercent;
    private final PageCopy copy;
    private final LatencyRecorder readLatency = new LatencyRecorder();
    private final LatencyRecorder writeLatency = new LatencyRecorder();

    /**
     * A worker that has not started.
     *
     * @param file the open file
     * @param contents what its pages must hold
     * @param keys which pages to ask for
     * @param random chooses between reads and writes
     * @param readPercent 0..100
     * @param pageBytes the size of a page
     */
    Worker(
            PagedFile file,
            Contents contents,
            KeySource keys,
            SplittableRandom random,
            int readPercent,
            int pageBytes) {
        this.file = file;
        this.contents = contents;
        this.keys = keys;
        this.random = random;
        this.readPercent = readPercent;
        this.copy = new PageCopy(pageBytes);
    }

    LatencyRecorder readLatency() {
        return readLatency;
    }

    LatencyRecorder writeLatency() {
        return writeLatency;
    }

    /**
     * Works until it is told to stop or a page is wrong.
     *
     * @param stopped asked before every operation
     * @return what was wrong with a page, or null
     * @throws IOException when a page cannot be read or written
     */
    @Nullable Mismatch run(BooleanSupplier stopped) throws IOException {
        try (PageCursor cursor = file.cursor()) {
            Mismatch mismatch = null;
            while (mismatch == null && !stopped.getAsBoolean()) {
                long page = keys.next();
                boolean read = random.nextInt(100) < readPercent;
                mismatch = read ? read(cursor, page) : write(cursor, page);
            }
            return mismatch;
        }
    }

    private @Nullable Mismatch read(PageCursor cursor, long page) throws IOException {
        long expected = contents.expected(page);
        long start = System.nanoTime();
        copy.read(cursor, page);
        readLatency.record(System.nanoTime() - start);
        return contents.check(copy, page, expected);
    }

    private @Nullable Mismatch write(PageCursor cursor, long page) throws IOException {
        long expected = contents.expected(page);
        long start = System.nanoTime();
        Mismatch mismatch = contents.rewrite(cursor, copy, page, expected);
        writeLatency.record(System.nanoTime() - start);
        return mismatch;
    }
}
