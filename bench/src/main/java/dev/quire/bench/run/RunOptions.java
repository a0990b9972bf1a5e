package dev.quire.bench.run;

import dev.quire.aio.Engine;
import dev.quire.bench.console.InputException;
import dev.quire.bench.report.ReportFile;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * What one run is asked to do; only sets of options that can be run exist.
 *
 * @param file a file of the user's, or null for a temporary one
 * @param writeExisting whether the user's file may be written to
 * @param tempDir where the temporary file is made
 * @param fileBytes size of the temporary file, or how much of the user's is used; null for the
 *     default, which is 2 GiB or all of it
 * @param memoryBytes memory of the page cache
 * @param pageBytes size of a page, a power of two
 * @param threads how many threads drive the workload
 * @param reads percentage of operations that read, 0..100; null for the default
 * @param distribution which pages are asked for
 * @param seconds how long the workload runs
 * @param engine which engine does the I/O
 * @param ioMode whether I/O goes past the operating system's page cache
 * @param seed of the random numbers; the same seed asks for the same pages
 * @param report where a page of the run is written, or null
 * @param json whether a JSON object closes the output
 */
public record RunOptions(
        @Nullable Path file,
        boolean writeExisting,
        Path tempDir,
        @Nullable Long fileBytes,
        long memoryBytes,
        int pageBytes,
        int threads,
        @Nullable Integer reads,
        Distribution distribution,
        double seconds,
        Engine engine,
        IoMode ioMode,
        long seed,
        @Nullable ReportFile report,
        boolean json) {

    /** Below this a page cache has no room to choose what to keep. */
    public static final int MEMORY_PAGES_MIN = 64;

    /** The least size of a page, in bytes. */
    public static final int PAGE_BYTES_MIN = 1 << 12;

    /** The greatest size of a page, in bytes. */
    public static final int PAGE_BYTES_MAX = 1 << 16;

    /** The size of the temporary file, in bytes, when nothing else is asked for. */
    public static final long FILE_BYTES_DEFAULT = 2L << 30;

    /** The percentage of reads of a run that may write, when nothing else is asked for. */
    public static final int READS_DEFAULT = 95;

    /** A week: long enough for a soak test. */
    public static final int SECONDS_MAX = 7 * 24 * 3600;

    /** Every thread may hold frames while it waits; the others must leave room for that. */
    private static final int MEMORY_PAGES_A_THREAD_MIN = 4;

    /**
     * Checks all that can be checked without looking at a file.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public RunOptions {
        InputException.require(
                Integer.bitCount(pageBytes) == 1
                        && pageBytes >= PAGE_BYTES_MIN
                        && pageBytes <= PAGE_BYTES_MAX,
                "must be a power of two from " + PAGE_BYTES_MIN + " to " + PAGE_BYTES_MAX,
                "--page-bytes",
                pageBytes);
        requireMemory(memoryBytes, pageBytes, threads);
        InputException.require(
                seconds > 0 && seconds <= SECONDS_MAX,
                "must be above 0 and at most " + SECONDS_MAX,
                "--seconds",
                seconds);
        requireReads(file, writeExisting, reads);
        requireFile(file, writeExisting, fileBytes, pageBytes);
    }

    /** The percentage of operations that read. */
    int readPercent() {
        if (reads != null) {
            return reads;
        }
        return file == null || writeExisting ? READS_DEFAULT : 100;
    }

    private static void requireMemory(long memoryBytes, int pageBytes, int threads) {
        long pages = memoryBytes / pageBytes;
        InputException.require(
                pages >= MEMORY_PAGES_MIN,
                "must hold at least "
                        + MEMORY_PAGES_MIN
                        + " pages of "
                        + pageBytes
                        + " bytes, which is "
                        + (long) MEMORY_PAGES_MIN * pageBytes,
                "--memory",
                memoryBytes);
        long threadsMax = pages / MEMORY_PAGES_A_THREAD_MIN;
        InputException.require(
                threads >= 1 && threads <= threadsMax,
                "must be from 1 to " + threadsMax + ", a quarter of the pages in --memory",
                "--threads",
                threads);
    }

    private static void requireReads(
            @Nullable Path file, boolean writeExisting, @Nullable Integer reads) {
        if (reads == null) {
            return;
        }
        InputException.require(
                reads >= 0 && reads <= 100, "must be from 0 to 100", "--reads", reads);
        InputException.require(
                reads == 100 || file == null || writeExisting,
                "must be 100 for a file of yours without --write-existing",
                "--reads",
                reads);
    }

    private static void requireFile(
            @Nullable Path file, boolean writeExisting, @Nullable Long fileBytes, int pageBytes) {
        if (file != null) {
            InputException.require(
                    fileBytes == null || fileBytes > 0,
                    "must be 1 or more",
                    "--file-bytes",
                    fileBytes);
            return;
        }
        InputException.require(!writeExisting, "needs --file", "--write-existing", true);
        long bytes = fileBytes == null ? FILE_BYTES_DEFAULT : fileBytes;
        InputException.require(
                bytes >= pageBytes && bytes % pageBytes == 0,
                "must be whole pages of " + pageBytes + " bytes, 1 or more",
                "--file-bytes",
                bytes);
    }
}
