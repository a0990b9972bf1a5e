package dev.quire.bench.replay;

import dev.quire.bench.console.Names;
import dev.quire.pagecache.PageCacheConfig;

/** The replacement policies of the page cache, by the names that are typed. */
public enum CachePolicy {
    /** Two lists by Linux's rules. */
    LRU;

    /** Makes a cache replace by this policy. */
    PageCacheConfig.Builder applyTo(PageCacheConfig.Builder config) {
        return config;
    }

    /** As it is typed. */
    @Override
    public String toString() {
        return Names.of(this);
    }
}
