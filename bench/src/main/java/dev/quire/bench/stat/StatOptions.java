package dev.quire.bench.stat;

import dev.quire.bench.console.InputException;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What to look at, and how often.
 *
 * @param pid a JVM; null to read a file
 * @param cache the name of one of its page caches; null when it has one
 * @param file what a page cache writes its statistics to; null to ask a JVM
 * @param interval from one line to the next
 * @param count how many lines, at least 1
 * @param json whether the lines are for programs
 */
public record StatOptions(
        @Nullable Long pid,
        @Nullable String cache,
        @Nullable Path file,
        Duration interval,
        long count,
        boolean json) {
    private static final Duration INTERVAL_MIN = Duration.ofMillis(10);
    private static final Duration INTERVAL_MAX = Duration.ofHours(1);

    /**
     * Checks the values.
     *
     * @throws InputException naming a value and its limit
     */
    public StatOptions {
        InputException.require(
                interval.compareTo(INTERVAL_MIN) >= 0 && interval.compareTo(INTERVAL_MAX) <= 0,
                "must be from 10ms to 60m",
                "--interval",
                interval.toMillis() + "ms");
        InputException.require(count >= 1, "must be at least 1", "--count", count);
        InputException.require(
                cache == null || pid != null, "names a cache of a PID", "--cache", cache);
    }
}
