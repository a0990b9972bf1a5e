package dev.quire.bench.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Caffeine that loads pages into new arrays on the heap, one reader a page, and leaves evicted ones
 * to the collector. It evicts in the thread that misses, as pools of threads would only be in the
 * way of a measurement.
 */
public final class HeapCache {
    private final Cache<Long, HeapPage> cache;
    private final PageLoader loader;
    private final int pageBytes;

    /**
     * An empty cache.
     *
     * @param pages how many it may hold
     * @param pageBytes bytes of each, a multiple of 8
     * @param loader where they come from
     */
    public HeapCache(int pages, int pageBytes, PageLoader loader) {
        this.loader = loader;
        this.pageBytes = pageBytes;
        cache = Caffeine.newBuilder().maximumSize(pages).executor(Runnable::run).build();
    }

    /**
     * The first long of a page.
     *
     * @param page its number
     * @return what was read
     */
    public long read(long page) {
        return cache.get(page, this::load).read();
    }

    private HeapPage load(Long page) {
        ByteBuffer bytes = ByteBuffer.allocate(pageBytes);
        try {
            loader.load(page, bytes);
            return new HeapPage(bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
