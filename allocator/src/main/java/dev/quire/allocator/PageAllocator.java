package dev.quire.allocator;

/** Placeholder. */
public final class PageAllocator {
    private PageAllocator() {}
}
