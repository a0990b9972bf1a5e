package dev.quire.bench.trace;

import org.agrona.collections.Long2LongHashMap;

import java.util.Arrays;

/** Gathers accesses and numbers their pages. One thread. */
final class TraceBuilder {
    /** The most accesses of a trace: 4 GiB of them. */
    static final int ACCESSES_MAX = 1 << 30;

    private static final int NEW = -1;

    private final Long2LongHashMap numbers = new Long2LongHashMap(NEW);
    private int[] pages = new int[1 << 12];
    private int count;

    /**
     * Adds an access.
     *
     * @param page any number that stands for the page
     * @throws IllegalArgumentException when there are too many
     */
    void add(long page) {
        if (count == pages.length) {
            grow();
        }
        long number = numbers.get(page);
        if (number == NEW) {
            number = numbers.size();
            numbers.put(page, number);
        }
        pages[count++] = (int) number;
    }

    /**
     * Adds an access to each of some consecutive pages.
     *
     * @param first the first of them
     * @param length how many
     */
    void addRun(long first, int length) {
        for (int i = 0; i < length; i++) {
            add(first + i);
        }
    }

    /** How many accesses there are. */
    int count() {
        return count;
    }

    Trace build(String name) {
        return new Trace(name, Arrays.copyOf(pages, count), numbers.size());
    }

    private void grow() {
        if (count == ACCESSES_MAX) {
            throw new IllegalArgumentException(
                    "a trace has at most " + ACCESSES_MAX + " accesses, and here is one more");
        }
        pages = Arrays.copyOf(pages, 2 * count);
    }
}
