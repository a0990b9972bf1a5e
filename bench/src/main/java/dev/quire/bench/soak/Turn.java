package dev.quire.bench.soak;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Some seconds of a suite.
 *
 * @param folder where its files are made; what it leaves is removed
 * @param seed of everything random
 * @param seconds how long it is to go on
 * @param threads how many drive it
 * @param direct whether files are opened for direct I/O
 */
record Turn(Path folder, long seed, double seconds, int threads, boolean direct) {
    /** When to stop, by {@link System#nanoTime}. */
    long deadlineNanos() {
        return System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
