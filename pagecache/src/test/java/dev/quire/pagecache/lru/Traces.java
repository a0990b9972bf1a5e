package dev.quire.pagecache.lru;

import java.util.Random;

/** Synthetic page requests, the same for the same seed. */
public final class Traces {
    private Traces() {}

    /** Pages 0..pages-1, the n-th most popular requested in proportion to 1 / n^skew. */
    public static int[] zipf(int pages, double skew, int length, Random random) {
        double[] upTo = new double[pages];
        double sum = 0;
        for (int i = 0; i < pages; i++) {
            sum += 1 / Math.pow(i + 1, skew);
            upTo[i] = sum;
        }
        int[] numbers = shuffled(pages, random);
        int[] trace = new int[length];
        for (int i = 0; i < length; i++) {
            int found = java.util.Arrays.binarySearch(upTo, random.nextDouble() * sum);
            trace[i] = numbers[Math.min(pages - 1, found < 0 ? -found - 1 : found)];
        }
        return trace;
    }

    /** Popular ranks must not be neighbours. */
    private static int[] shuffled(int pages, Random random) {
        int[] numbers = new int[pages];
        for (int i = 0; i < pages; i++) {
            int j = random.nextInt(i + 1);
            numbers[i] = numbers[j];
            numbers[j] = i;
        }
        return numbers;
    }

    /** Pages 0..pages-1 over and over. */
    public static int[] loop(int pages, int length) {
        int[] trace = new int[length];
        for (int i = 0; i < length; i++) {
            trace[i] = i % pages;
        }
        return trace;
    }

    /** Popular pages, whose popularity moves on, among scans of pages that do not come again. */
    public static int[] mixed(int frames, int length, Random random) {
        int pages = 8 * frames;
        int[] popular = zipf(pages, 0.9, length, random);
        int[] trace = new int[length];
        int scanned = pages;
        int scanLeft = 0;
        for (int i = 0; i < length; i++) {
            if (scanLeft == 0 && random.nextInt(4 * frames) == 0) {
                scanLeft = frames;
            }
            if (scanLeft > 0 && random.nextBoolean()) {
                scanLeft--;
                trace[i] = scanned++;
            } else {
                trace[i] = (popular[i] + i / (2 * frames) * 7) % pages;
            }
        }
        return trace;
    }

    /** A loop larger than the cache, popular pages beside it. */
    public static int[] loopAndZipf(int frames, int length, Random random) {
        int[] popular = zipf(4 * frames, 1.0, length, random);
        int[] trace = new int[length];
        int at = 0;
        for (int i = 0; i < length; i++) {
            trace[i] = random.nextInt(3) == 0 ? 4 * frames + at++ % (2 * frames) : popular[i];
        }
        return trace;
    }
}
