package dev.quire.bench.fsx;

import dev.quire.bench.console.InputException;
import dev.quire.bench.run.IoMode;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is exercised, and how.
 *
 * @param target what takes the operations
 * @param ops how many operations, all threads together
 * @param seed of everything that is random
 * @param threads each has a file of its own; one cache for all
 * @param from each thread's operations before this one are done on its copy only
 * @param fileBytes how long a file may become
 * @param memoryBytes of the cache
 * @param pageBytes of the cache
 * @param mode whether files are opened for direct I/O
 * @param folder where the files are made
 * @param log where every operation is written, or null
 * @param keep whether the files stay when nothing was wrong
 * @param json whether a JSON object closes the output
 */
public record FsxOptions(
        Target target,
        long ops,
        long seed,
        int threads,
        long from,
        long fileBytes,
        long memoryBytes,
        int pageBytes,
        IoMode mode,
        Path folder,
        @Nullable Path log,
        boolean keep,
        boolean json) {
    static final int THREADS_MAX = 64;

    /** Each thread has a copy of its file on the heap, and up to two of snapshots. */
    static final long FILE_BYTES_MAX = 1L << 28;

    /** Of the cache, when nothing was asked for; each thread holds some. */
    static final int PAGES_MIN = 128;

    /**
     * Checks all that can be checked before a file is made.
     *
     * @throws InputException naming a value and its limit
     */
    public FsxOptions {
        InputException.require(ops >= 1, "must be at least 1", "--ops", ops);
        InputException.require(
                threads >= 1 && threads <= THREADS_MAX,
                "must be from 1 to " + THREADS_MAX,
                "--threads",
                threads);
        InputException.require(
                threads <= ops, "must be at most --ops, which is " + ops, "--threads", threads);
        InputException.require(
                from >= 0 && from < opsOf(0, ops, threads),
                "must be from 0 to a thread's last operation, " + (opsOf(0, ops, threads) - 1),
                "--from",
                from);
        InputException.require(
                fileBytes >= Operation.BYTES_MAX && fileBytes <= FILE_BYTES_MAX,
                "must be from " + Operation.BYTES_MAX + " to " + FILE_BYTES_MAX,
                "--file-bytes",
                fileBytes);
        InputException.require(
                Integer.bitCount(pageBytes) == 1 && pageBytes >= 1 << 12 && pageBytes <= 1 << 16,
                "must be a power of two from 4096 to 65536",
                "--page-bytes",
                pageBytes);
        InputException.require(
                memoryBytes >= (long) PAGES_MIN * pageBytes,
                "must be at least " + PAGES_MIN + " pages, " + (long) PAGES_MIN * pageBytes,
                "--memory",
                memoryBytes);
        InputException.require(
                Files.isDirectory(folder), "must be an existing folder", "--temp-dir", folder);
        if (log != null) {
            Path parent = log.toAbsolutePath().getParent();
            InputException.require(
                    parent != null && Files.isDirectory(parent) && !Files.isDirectory(log),
                    "must be a file in an existing folder",
                    "--log",
                    log);
        }
    }

    /** How many operations are a thread's. */
    long opsOf(int thread) {
        return opsOf(thread, ops, threads);
    }

    private static long opsOf(int thread, long ops, int threads) {
        return ops / threads + (thread < ops % threads ? 1 : 0);
    }
}
