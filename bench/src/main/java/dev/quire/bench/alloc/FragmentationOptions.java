package dev.quire.bench.alloc;

import dev.quire.bench.console.InputException;

/**
 * What is churned and how; only sets of options that can be run exist.
 *
 * @param frames of the zone
 * @param rounds in each of which a tenth of what is held is given back and taken again
 * @param threads that share the frames
 * @param batch frames that a thread gives back before it takes as many again; 0 for the whole tenth
 * @param seed of the random numbers; with one thread the same seed gives the same numbers
 */
public record FragmentationOptions(int frames, int rounds, int threads, int batch, long seed) {
    /** The fewest frames: less is one huge block. */
    public static final int FRAMES_MIN = 2 * FrameSource.HUGE_FRAMES;

    /** The most frames: 256 GiB in frames of 4 KiB. */
    public static final int FRAMES_MAX = 1 << 26;

    /** The most rounds. */
    public static final int ROUNDS_MAX = 10_000;

    /** The most threads. */
    public static final int THREADS_MAX = 64;

    /**
     * Checks all of it.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public FragmentationOptions {
        require("--frames", frames, FRAMES_MIN, FRAMES_MAX);
        require("--rounds", rounds, 0, ROUNDS_MAX);
        require("--threads", threads, 1, THREADS_MAX);
        require("--batch", batch, 0, FRAMES_MAX);
    }

    private static void require(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new InputException(
                    name + " must be from " + min + " to " + max + ": " + name + "=" + value);
        }
    }
}
