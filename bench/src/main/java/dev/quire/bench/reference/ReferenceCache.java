package dev.quire.bench.reference;

/** What a replacement policy keeps. One thread. */
@FunctionalInterface
public interface ReferenceCache {
    /**
     * Asks for a page, which is in the cache afterwards.
     *
     * @param page 0 to one less than the pages of the trace
     * @return whether it was there
     */
    boolean access(int page);
}
