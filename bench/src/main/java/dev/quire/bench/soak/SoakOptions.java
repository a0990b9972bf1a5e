package dev.quire.bench.soak;

import dev.quire.bench.console.InputException;
import dev.quire.bench.run.IoMode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What is looked at, and for how long.
 *
 * @param minutes all suites together
 * @param suites the ones that have turns, by name; all of them when it is empty
 * @param seed of the first turn of each
 * @param threads that drive a suite
 * @param mode whether files are opened for direct I/O: by turns when it is AUTO
 * @param folder where files are made
 * @param json whether a JSON object closes the output
 */
public record SoakOptions(
        double minutes,
        List<String> suites,
        long seed,
        int threads,
        IoMode mode,
        Path folder,
        boolean json) {
    /** A week. */
    static final double MINUTES_MAX = 7 * 24 * 60;

    static final int THREADS_MAX = 32;

    /**
     * Checks all that can be checked before anything is done.
     *
     * @throws InputException naming a value and its limit
     */
    public SoakOptions {
        suites = List.copyOf(suites);
        InputException.require(
                minutes > 0 && minutes <= MINUTES_MAX,
                "must be above 0 and at most " + (long) MINUTES_MAX,
                "--minutes",
                minutes);
        InputException.require(
                threads >= 1 && threads <= THREADS_MAX,
                "must be from 1 to " + THREADS_MAX,
                "--threads",
                threads);
        InputException.require(
                Files.isDirectory(folder), "must be an existing folder", "--temp-dir", folder);
        for (String suite : suites) {
            InputException.require(
                    SoakJob.NAMES.contains(suite), "must be of " + SoakJob.NAMES, "--only", suite);
        }
    }
}
