package dev.quire.pagecache;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.lru.Replacement;
import dev.quire.pagecache.lru.Rtq;
import dev.quire.pagecache.lru.TwoListLru;

/** Which page a cache gives up when it needs a frame. */
public enum ReplacementPolicy {
    /**
     * Probation and a main list that only pages enter which were in use more recently than the page
     * that has to go for them; probation adapts. The best of those measured: scans and loops larger
     * than the cache leave the pages in use alone.
     */
    RTQ,

    /**
     * Linux's two lists with its refault distance: the plain rule that many are used to. It has
     * more misses, and one lock that each of them waits for.
     */
    TWO_LIST;

    /** Empty lists of this policy. */
    Replacement over(PageAllocator allocator) {
        return switch (this) {
            case RTQ -> new Rtq(allocator.frames(), allocator::put);
            case TWO_LIST -> new TwoListLru(allocator.frames());
        };
    }
}
