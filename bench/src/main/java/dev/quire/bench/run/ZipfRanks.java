package dev.quire.bench.run;

import java.util.SplittableRandom;

/**
 * Ranks with Zipf's distribution: rank r, from 0, comes with a probability proportional to (r +
 * 1)^-theta.
 *
 * <p>Source: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6(3), 1996. It needs no table and no sum over the ranks, so a
 * file of any size starts at once; a sample takes about 1.1 rounds.
 */
public final class ZipfRanks {
    /** The skew of YCSB, the usual one in the literature on caches. */
    public static final double THETA = 0.99;

    /*
     * How it works: the area under x^-theta from k - 1/2 to k + 1/2 is at least k^-theta. A point is
     * drawn evenly below the curve by inverting the integral; it falls next to one k, and is thrown
     * away when it lies in the surplus of that k's strip. Below `sure` of the middle no surplus can
     * lie, which saves the second evaluation most of the time. The strip of k = 1 is cut to exactly 1.
     */
    private final double q;
    private final long ranks;
    private final double areaLow;
    private final double areaHigh;
    private final double sure;
    private final SplittableRandom random;

    /**
     * Ranks 0..{@code ranks - 1}.
     *
     * @param ranks how many, 1 or more
     * @param theta the skew, above 0 and below 1
     * @param random where the samples come from
     */
    public ZipfRanks(long ranks, double theta, SplittableRandom random) {
        if (ranks < 1) {
            throw new IllegalArgumentException("ranks must be 1 or more: ranks=" + ranks);
        }
        if (!(theta > 0 && theta < 1)) {
            throw new IllegalArgumentException("theta must be in (0, 1): theta=" + theta);
        }
        this.q = 1 - theta;
        this.ranks = ranks;
        this.random = random;
        this.areaLow = area(1.5) - 1;
        this.areaHigh = area(ranks + 0.5);
        this.sure = 2 - inverse(area(2.5) - height(2));
    }

    /**
     * Draws a rank.
     *
     * @return 0..ranks - 1; 0 is the most frequent
     */
    public long next() {
        // Endless, but a round fails with a probability of about 0.1 at most.
        while (true) {
            double below = areaHigh + random.nextDouble() * (areaLow - areaHigh);
            double x = inverse(below);
            long k = Math.clamp(Math.round(x), 1, ranks);
            if (k - x <= sure || below >= area(k + 0.5) - height((double) k)) {
                return k - 1;
            }
        }
    }

    private double height(double x) {
        return Math.pow(x, q - 1);
    }

    /** The integral of the height from 1 to x. */
    private double area(double x) {
        return (Math.pow(x, q) - 1) / q;
    }

    private double inverse(double area) {
        return Math.pow(1 + area * q, 1 / q);
    }
}
