package dev.quire.bench.warm;

import dev.quire.aio.Engine;
import dev.quire.bench.console.InputException;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is measured; only sets of options that can be run exist.
 *
 * @param folder where the file is made
 * @param fileBytes its size; all of it is hot
 * @param pageBytes size of a page
 * @param rounds how often each of both is measured, in turns
 * @param engine what does the I/O
 * @param prefault whether the cache's memory is there before, as in a server that locks it
 */
public record WarmOptions(
        Path folder, long fileBytes, int pageBytes, int rounds, Engine engine, boolean prefault) {
    /** The smallest file. */
    public static final long FILE_BYTES_MIN = 1L << 20;

    /** The most rounds. */
    public static final int ROUNDS_MAX = 100;

    /**
     * Checks all of it; the page size is the cache's to check.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public WarmOptions {
        InputException.require(
                Files.isDirectory(folder), "must be an existing folder", "--temp-dir", folder);
        InputException.require(
                fileBytes >= FILE_BYTES_MIN,
                "must be at least " + FILE_BYTES_MIN,
                "--file-bytes",
                fileBytes);
        InputException.require(
                rounds >= 1 && rounds <= ROUNDS_MAX,
                "must be from 1 to " + ROUNDS_MAX,
                "--rounds",
                rounds);
    }
}
