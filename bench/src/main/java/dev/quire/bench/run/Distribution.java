package dev.quire.bench.run;

import java.util.SplittableRandom;

/** Which pages a workload asks for. */
public enum Distribution {
    /** A few pages are hot: rank r is asked for about 1 / r^0.99 as often as the first. */
    ZIPF,
    /** Every page as often as any other. */
    UNIFORM,
    /** Page after page, round and round; the threads start evenly spread. */
    SEQUENTIAL;

    /**
     * The pages that one thread asks for.
     *
     * @param pages how many there are, 1 or more
     * @param seed of the whole run: it chooses which pages are hot, the same for all threads
     * @param random of this thread
     * @param thread 0..threads - 1
     * @param threads how many threads the run has
     * @return an endless stream
     */
    public KeySource source(
            long pages, long seed, SplittableRandom random, int thread, int threads) {
        return switch (this) {
            case ZIPF -> scattered(pages, seed, new ZipfRanks(pages, ZipfRanks.THETA, random));
            case UNIFORM -> () -> random.nextLong(pages);
            case SEQUENTIAL -> new SequentialKeys(pages, pages / threads * thread);
        };
    }

    private static KeySource scattered(long pages, long seed, ZipfRanks ranks) {
        Permutation permutation = new Permutation(pages, seed);
        return () -> permutation.apply(ranks.next());
    }
}
