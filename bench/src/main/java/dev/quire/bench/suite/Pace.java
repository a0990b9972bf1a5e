package dev.quire.bench.suite;

import dev.quire.bench.console.InputException;

import java.util.Locale;
import java.util.Set;

/**
 * How long everything is measured.
 *
 * @param full whether cases of minor interest are measured too
 * @param forks JVMs for each subject of a case, one after the other
 * @param warmUps iterations before the measured ones
 * @param iterations measured iterations of a JVM
 * @param seconds of an iteration
 */
public record Pace(boolean full, int forks, int warmUps, int iterations, double seconds) {
    /** Some three minutes on two cores. */
    public static final Pace QUICK = new Pace(false, 1, 2, 4, 0.2);

    /** What is recorded. */
    public static final Pace FULL = new Pace(true, 3, 3, 5, 1);

    /** Most JVMs for each subject, and most iterations of one. */
    public static final int COUNT_MAX = 1000;

    /** The least length of an iteration: below, there is only noise. */
    public static final double SECONDS_MIN = 0.01;

    /** Benchmarks that begin with an empty cache. */
    private static final Set<String> FILLS = Set.of("PageMissBench", "ColdReadBench");

    /** Until a cache is full and its code compiled. */
    private static final double FILL_SECONDS = 3;

    /** But no more than so many iterations, so that a tiny run stays one. */
    private static final int FILL_ITERATIONS = 15;

    /** So many differ by a few percent only from so many others. */
    private static final int LOOKS = 10;

    /** An hour. */
    public static final int SECONDS_MAX = 3600;

    /**
     * Checks what was asked for.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public Pace {
        InputException.require(
                forks >= 1 && forks <= COUNT_MAX,
                "must be from 1 to " + COUNT_MAX,
                "--forks",
                forks);
        InputException.require(
                iterations >= 1 && iterations <= COUNT_MAX,
                "must be from 1 to " + COUNT_MAX,
                "--iterations",
                iterations);
        InputException.require(
                seconds >= SECONDS_MIN && seconds <= SECONDS_MAX,
                "must be from " + SECONDS_MIN + " to " + SECONDS_MAX,
                "--seconds",
                seconds);
    }

    /**
     * How often a piece of work is repeated before it is measured: where a cache has to fill first,
     * for three seconds at least.
     */
    int warmUps(Work work) {
        return FILLS.contains(work.benchmark().replaceFirst("\\..*", ""))
                ? Math.max(
                        warmUps, (int) Math.min(FILL_ITERATIONS, Math.ceil(FILL_SECONDS / seconds)))
                : warmUps;
    }

    /**
     * In how many JVMs a piece of work is done. What is looked at once in each, and takes no time,
     * is done in more of them when the figures are to be good.
     */
    int forks(Work work) {
        return work.kind() == Work.Kind.MEMORY && full ? Math.max(forks, LOOKS) : forks;
    }

    /** One line for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d fork%s, %d + %d iterations of %s s",
                forks,
                forks == 1 ? "" : "s",
                warmUps,
                iterations,
                seconds);
    }
}
