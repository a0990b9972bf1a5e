package dev.quire.bench.trace;

import java.util.Arrays;

/**
 * Which pages were asked for, one after the other. Pages have numbers from 0 in the order of their
 * first access: which of them are the same is kept, which lie beside each other is not. Immutable.
 */
public final class Trace {
    private final String name;
    private final int[] pages;
    private final int pageCount;

    /**
     * A trace.
     *
     * @param name what it is called in reports
     * @param pages the page of each access; not copied
     * @param pageCount how many different pages there are, numbered 0..pageCount - 1
     */
    Trace(String name, int[] pages, int pageCount) {
        this.name = name;
        this.pages = pages;
        this.pageCount = pageCount;
    }

    /**
     * A trace of any page numbers.
     *
     * @param name what it is called in reports
     * @param pages the pages of the accesses, in order
     * @return with pages numbered as they come
     */
    public static Trace of(String name, long... pages) {
        TraceBuilder builder = new TraceBuilder();
        Arrays.stream(pages).forEach(builder::add);
        return builder.build(name);
    }

    /**
     * The same accesses under another name.
     *
     * @param name what it is called in reports
     * @return a trace that shares this one's memory
     */
    public Trace named(String name) {
        return new Trace(name, pages, pageCount);
    }

    /**
     * What it is called in reports.
     *
     * @return a short name
     */
    public String name() {
        return name;
    }

    /**
     * How many accesses there are.
     *
     * @return at least 1 when it was read from a file
     */
    public int accesses() {
        return pages.length;
    }

    /**
     * The page of an access.
     *
     * @param access 0..accesses - 1
     * @return 0..pageCount - 1
     */
    public int page(int access) {
        return pages[access];
    }

    /**
     * How many different pages there are: no cache misses less often.
     *
     * @return at most {@link #accesses}
     */
    public int pageCount() {
        return pageCount;
    }

    @Override
    public String toString() {
        return "Trace[" + name + ", accesses=" + pages.length + ", pages=" + pageCount + "]";
    }
}
