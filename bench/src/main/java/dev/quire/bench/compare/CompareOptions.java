package dev.quire.bench.compare;

import com.sun.management.OperatingSystemMXBean;

import dev.quire.bench.console.InputException;
import dev.quire.bench.report.ReportFile;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/**
 * What is compared; only sets of options that can be run exist.
 *
 * @param subjects in the order of their turns
 * @param tempDir where each one's file is made
 * @param fileBytes size of the file; null for ten times the memory
 * @param memoryBytes what pages may take
 * @param pageBytes size of a page
 * @param threads that work
 * @param writePercent requests that overwrite a page
 * @param uniformPercent requests that read any page
 * @param scanPercent requests that read pages in a row
 * @param warmSeconds work before anything counts
 * @param seconds work that counts
 * @param seed of the random numbers
 * @param report where a page of the results is written, or null
 * @param json whether a JSON object closes the output
 */
public record CompareOptions(
        List<Subject> subjects,
        Path tempDir,
        @Nullable Long fileBytes,
        long memoryBytes,
        int pageBytes,
        int threads,
        int writePercent,
        int uniformPercent,
        int scanPercent,
        double warmSeconds,
        double seconds,
        long seed,
        @Nullable ReportFile report,
        boolean json) {
    /** How many times as large as the memory the file is when nothing else is asked for. */
    public static final int FILE_TIMES = 10;

    private static final long MEMORY_BYTES_MIN = 8L << 20;

    /** A cache has 2^29 frames at most, which can be of 4 KiB. */
    private static final long MEMORY_BYTES_MAX = 1L << 41;

    private static final int PAGE_BYTES_MIN = 1 << 12;
    private static final int PAGE_BYTES_MAX = 1 << 16;
    private static final int THREADS_MAX = 256;
    private static final int SECONDS_MAX = 24 * 3600;

    /**
     * Checks all that can be checked without making a file.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public CompareOptions {
        subjects = subjects.stream().distinct().toList();
        InputException.require(!subjects.isEmpty(), "must name one", "--subjects", "");
        InputException.require(
                Integer.bitCount(pageBytes) == 1
                        && pageBytes >= PAGE_BYTES_MIN
                        && pageBytes <= PAGE_BYTES_MAX,
                "must be a power of two from " + PAGE_BYTES_MIN + " to " + PAGE_BYTES_MAX,
                "--page-bytes",
                pageBytes);
        long memoryBytesMax = memoryBytesMax();
        InputException.require(
                memoryBytes >= MEMORY_BYTES_MIN && memoryBytes <= memoryBytesMax,
                "must be from " + MEMORY_BYTES_MIN + " to " + memoryBytesMax + " on this machine",
                "--memory",
                memoryBytes);
        InputException.require(
                fileBytes == null || (fileBytes >= pageBytes && fileBytes % pageBytes == 0),
                "must be whole pages of " + pageBytes + " bytes, 1 or more",
                "--file-bytes",
                fileBytes);
        InputException.require(
                threads >= 1 && threads <= THREADS_MAX,
                "must be from 1 to " + THREADS_MAX,
                "--threads",
                threads);
        requirePercent(writePercent, 100, "--writes");
        requirePercent(scanPercent, 100 - writePercent, "--scans");
        requirePercent(uniformPercent, 100 - writePercent - scanPercent, "--uniform");
        requireSeconds(seconds > 0, seconds, "--seconds");
        requireSeconds(warmSeconds >= 0, warmSeconds, "--warm-seconds");
    }

    /** How large each file is, in whole pages. */
    long bytes() {
        long bytes = fileBytes == null ? FILE_TIMES * memoryBytes : fileBytes;
        return bytes / pageBytes * pageBytes;
    }

    /** What the process of a subject is told. */
    LoadSettings settings(Subject subject, Path file) {
        return new LoadSettings(
                subject,
                file.toString(),
                bytes() / pageBytes,
                pageBytes,
                memoryBytes,
                threads,
                writePercent,
                uniformPercent,
                scanPercent,
                warmSeconds,
                seconds,
                seed);
    }

    /** The system and the processes themselves need the rest. */
    private static long memoryBytesMax() {
        long bytes =
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                        ? system.getTotalMemorySize() / 4 * 3
                        : MEMORY_BYTES_MAX;
        return Math.min(bytes, MEMORY_BYTES_MAX);
    }

    private static void requirePercent(int percent, int max, String name) {
        InputException.require(
                percent >= 0 && percent <= max,
                "must be from 0 to " + max + ", all kinds of requests are 100 together",
                name,
                percent);
    }

    private static void requireSeconds(boolean enough, double seconds, String name) {
        InputException.require(
                enough && seconds <= SECONDS_MAX,
                "must be from 0 to " + SECONDS_MAX,
                name,
                seconds);
    }
}
