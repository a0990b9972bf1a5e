package dev.quire.bench.suite;

import dev.quire.bench.console.Names;

/** What belongs into one table. */
public enum Group {
    /** Blocks of native memory. */
    ALLOCATOR("Blocks of native memory, taken and given back"),
    /** Reads of pages in memory. */
    HIT("Reads of a long of a page that is in memory"),
    /** Pages held. */
    PIN("A page in memory, held so that it cannot go, read, and let go"),
    /** Writes of pages in memory. */
    WRITE("Writes of a long of a page in memory"),
    /** Scans. */
    SCAN("One page after the other, all longs of each"),
    /** Pages that are not in memory. */
    MISS("Pages that are not in memory"),
    /** Input and output without a cache. */
    AIO("Random reads of 4 KiB past the kernel's cache, a number of them under way"),
    /** Hit ratios. */
    EVICTION("Accesses that find their page, by the size of the cache"),
    /** What a page costs. */
    MEMORY("Memory a cached page costs beside its own bytes");

    private final String title;

    Group(String title) {
        this.title = title;
    }

    /**
     * What it is about.
     *
     * @return a heading
     */
    public String title() {
        return title;
    }

    /**
     * Whether each subject of it is measured in JVMs of its own; the others share the command's.
     */
    boolean forks() {
        return this != AIO && this != EVICTION;
    }

    /** As it is typed. */
    @Override
    public String toString() {
        return Names.of(this);
    }
}
