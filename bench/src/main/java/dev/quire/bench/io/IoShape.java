package dev.quire.bench.io;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.WriteDurability;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.Names;

import java.util.concurrent.TimeUnit;

/**
 * The requests of a measurement; only shapes that can be run exist.
 *
 * @param pattern which they are
 * @param blockBytes size of each
 * @param depth how many of a job are under way at once
 * @param jobs how many closed loops run beside each other
 * @param direct whether they go past the operating system's page cache
 * @param durability what each write promises
 * @param seconds how long they are measured, after a warm-up
 */
public record IoShape(
        IoPattern pattern,
        int blockBytes,
        int depth,
        int jobs,
        boolean direct,
        WriteDurability durability,
        double seconds) {
    /** The least size of a block, in bytes: no disk has smaller sectors. */
    public static final int BLOCK_BYTES_MIN = 1 << 9;

    /** The greatest size of a block, in bytes: the largest block of frames. */
    public static final int BLOCK_BYTES_MAX = 1 << 22;

    /** Most requests under way at once, of all jobs. */
    public static final int SLOTS_MAX = AsyncIoConfig.QUEUE_DEPTH_MAX;

    /** Most memory of all requests under way, in bytes. */
    public static final long MEMORY_BYTES_MAX = 4L << 30;

    /** A day. */
    public static final int SECONDS_MAX = 24 * 3600;

    private static final double WARM_UP_SECONDS_MAX = 2;

    /**
     * Checks what can be checked without a file.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public IoShape {
        InputException.require(
                Integer.bitCount(blockBytes) == 1
                        && blockBytes >= BLOCK_BYTES_MIN
                        && blockBytes <= BLOCK_BYTES_MAX,
                "must be a power of two from " + BLOCK_BYTES_MIN + " to " + BLOCK_BYTES_MAX,
                "--block-bytes",
                blockBytes);
        InputException.require(
                depth >= 1 && depth <= SLOTS_MAX,
                "must be from 1 to " + SLOTS_MAX,
                "--depth",
                depth);
        int jobsMax = SLOTS_MAX / depth;
        InputException.require(
                jobs >= 1 && jobs <= jobsMax,
                "must be from 1 to " + jobsMax + " at --depth=" + depth,
                "--jobs",
                jobs);
        InputException.require(
                (long) blockBytes * depth * jobs <= MEMORY_BYTES_MAX,
                "times --depth times --jobs must be at most " + MEMORY_BYTES_MAX,
                "--block-bytes",
                blockBytes);
        InputException.require(
                seconds > 0 && seconds <= SECONDS_MAX,
                "must be above 0 and at most " + SECONDS_MAX,
                "--seconds",
                seconds);
        InputException.require(
                durability == WriteDurability.NONE || pattern.writes(),
                "must be none for --pattern=" + pattern + ", which writes nothing",
                "--durability",
                Names.of(durability));
    }

    /** How many requests are under way at once, of all jobs. */
    int slots() {
        return depth * jobs;
    }

    /** How long is measured. */
    long measuredNanos() {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /** How long the loop runs before that: compilers, caches and the device get under way. */
    long warmUpNanos() {
        return (long) (Math.min(seconds / 2, WARM_UP_SECONDS_MAX) * TimeUnit.SECONDS.toNanos(1));
    }
}
