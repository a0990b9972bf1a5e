package dev.quire.bench.replay;

import dev.quire.bench.console.Names;
import dev.quire.pagecache.ReplacementPolicy;

/** The replacement policies of the page cache, by the names that are typed. */
public enum CachePolicy {
    /** Probation and main list with a recency test; a page cache has it unless told otherwise. */
    RTQ(ReplacementPolicy.RTQ),
    /** Two lists by the rules of Linux. */
    LRU(ReplacementPolicy.TWO_LIST);

    private final ReplacementPolicy replacement;

    CachePolicy(ReplacementPolicy replacement) {
        this.replacement = replacement;
    }

    /** What a page cache is configured with. */
    ReplacementPolicy replacement() {
        return replacement;
    }

    /** As it is typed. */
    @Override
    public String toString() {
        return Names.of(this);
    }
}
