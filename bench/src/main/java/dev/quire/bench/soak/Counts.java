package dev.quire.bench.soak;

import java.util.List;

/**
 * What a turn came to.
 *
 * @param operations how much was done
 * @param mismatches what was wrong, in words; none when all was as it must be
 */
record Counts(long operations, List<String> mismatches) {
    static Counts good(long operations) {
        return new Counts(operations, List.of());
    }
}
