package dev.quire.bench.run;

/**
 * Puts the numbers 0..n - 1 in an order that looks random, without a table: it scatters the hot
 * ranks of a skewed distribution over the file, so that they are no neighbours.
 */
final class Permutation {
    private static final int ROUNDS = 3;

    /*
     * How it works: each round is a bijection of the numbers of `bits` bits (times an odd number, plus
     * a constant, xor its own upper half). What comes out at n or above goes in again until it is
     * below n; that is a bijection of 0..n - 1, and as n > 2^(bits-1) it takes 2 tries on average at
     * most.
     */
    private final long n;
    private final long mask;
    private final int shift;
    private final long factor;
    private final long offset;

    /**
     * The order that belongs to the seed.
     *
     * @param n how many numbers, 1..2^62
     * @param seed which order
     */
    Permutation(long n, long seed) {
        int bits = Math.max(2, Long.SIZE - Long.numberOfLeadingZeros(n - 1));
        this.n = n;
        this.mask = (1L << bits) - 1;
        this.shift = bits / 2;
        this.factor = PageStamp.mix(seed) | 1;
        this.offset = PageStamp.mix(seed + 1);
    }

    /**
     * Where a number comes to lie.
     *
     * @param number 0..n - 1
     * @return its place, 0..n - 1; different for different numbers
     */
    long apply(long number) {
        long x = number;
        do {
            for (int round = 0; round < ROUNDS; round++) {
                x = (x * factor + offset) & mask;
                x ^= x >>> shift;
            }
        } while (x >= n);
        return x;
    }
}
