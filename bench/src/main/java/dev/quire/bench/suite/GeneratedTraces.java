package dev.quire.bench.suite;

import dev.quire.bench.run.ZipfRanks;
import dev.quire.bench.trace.Trace;

import java.util.List;
import java.util.SplittableRandom;

/** Accesses as storage engines make them, the same every time. */
final class GeneratedTraces {
    private static final int PAGES = 20_000;
    private static final int ACCESSES = 300_000;
    private static final long SEED = 42;

    /** A scan of a quarter of the pages comes after so many other accesses. */
    private static final int SCAN_EVERY = 50_000;

    private static final int SCAN_PAGES = PAGES / 4;

    /** A loop over an eighth of the pages, of which every second access is one. */
    private static final int LOOP_PAGES = PAGES / 8;

    private GeneratedTraces() {}

    static List<Trace> all() {
        return List.of(skewed(), skewedWithScans(), skewedWithLoop());
    }

    /** Point reads, some pages much hotter than others. */
    private static Trace skewed() {
        ZipfRanks ranks = ranks();
        long[] pages = new long[ACCESSES];
        for (int i = 0; i < ACCESSES; i++) {
            pages[i] = ranks.next();
        }
        return Trace.of("zipf", pages);
    }

    /** The same, and now and then someone reads a part of the file from end to end. */
    private static Trace skewedWithScans() {
        ZipfRanks ranks = ranks();
        long[] pages = new long[ACCESSES];
        long scanned = 0;
        for (int i = 0; i < ACCESSES; i++) {
            boolean scans = i % SCAN_EVERY >= SCAN_EVERY - SCAN_PAGES;
            pages[i] = scans ? scanned++ % PAGES : ranks.next();
        }
        return Trace.of("zipfAndScans", pages);
    }

    /** The same, and beside it a join that goes through a table over and over. */
    private static Trace skewedWithLoop() {
        ZipfRanks ranks = ranks();
        long[] pages = new long[ACCESSES];
        for (int i = 0; i < ACCESSES; i++) {
            pages[i] = i % 2 == 0 ? ranks.next() : PAGES + i / 2 % LOOP_PAGES;
        }
        return Trace.of("zipfAndLoop", pages);
    }

    private static ZipfRanks ranks() {
        return new ZipfRanks(PAGES, ZipfRanks.THETA, new SplittableRandom(SEED));
    }
}
