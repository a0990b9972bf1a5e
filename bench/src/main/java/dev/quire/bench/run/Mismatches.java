package dev.quire.bench.run;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** The mismatches that were found: all of them counted, the first ones kept. Any thread. */
final class Mismatches {
    /** One tells that something is wrong, a few tell what; a million would tell no more. */
    static final int KEPT_MAX = 10;

    private final List<String> first = new ArrayList<>();
    private long count;

    /**
     * Counts a mismatch.
     *
     * @param when in which phase of the run it was found
     * @param mismatch what was found; null counts nothing
     */
    synchronized void add(String when, @Nullable Mismatch mismatch) {
        if (mismatch == null) {
            return;
        }
        count++;
        if (first.size() < KEPT_MAX) {
            first.add(mismatch + " (" + when + ")");
        }
    }

    synchronized long count() {
        return count;
    }

    /** The first ones, at most {@link #KEPT_MAX}, in the order in which they were found. */
    synchronized List<String> first() {
        return List.copyOf(first);
    }
}
