package dev.quire.bench.stat;

import dev.quire.bench.console.InputException;

import java.util.Map;
import java.util.Objects;

/**
 * The statistics of a cache at one moment.
 *
 * @param nanos when, by a clock that stands still for nobody; for differences only
 * @param numbers by name: {@code stats.}, {@code allocator.} and {@code io.} before a component of
 *     their record, {@code freeBlocks.} before an order
 */
record Sample(long nanos, Map<String, Long> numbers) {
    /** Free blocks have the orders from 0 to this. */
    static final int ORDER_MAX = 10;

    Sample {
        numbers = Map.copyOf(numbers);
    }

    /**
     * One of the numbers.
     *
     * @throws InputException if it is not there: the program has another version of Quire
     */
    long get(String name) {
        Long value = numbers.get(name);
        if (value == null) {
            throw new InputException("the program's Quire does not count this: name=" + name);
        }
        return value;
    }

    /** Seconds from another sample to this one. */
    double secondsSince(Sample before) {
        return (nanos - before.nanos) / 1e9;
    }

    /** How much a number has grown. */
    long growth(Sample before, String name) {
        return get(name) - before.get(name);
    }

    /** Whether they are of one cache: counts never go down, and a process keeps its number. */
    boolean follows(Sample before) {
        return Objects.equals(numbers.get("pid"), before.numbers.get("pid"))
                && growth(before, "stats.accesses") >= 0
                && growth(before, "stats.faults") >= 0;
    }

    int[] freeBlocks() {
        int[] blocks = new int[ORDER_MAX + 1];
        for (int order = 0; order <= ORDER_MAX; order++) {
            blocks[order] = Math.toIntExact(get("freeBlocks." + order));
        }
        return blocks;
    }
}
