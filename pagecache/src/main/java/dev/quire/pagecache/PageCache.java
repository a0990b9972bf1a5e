package dev.quire.pagecache;

/** Placeholder. */
public final class PageCache {
    private PageCache() {}
}
