package dev.quire.bench.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What one would make of Caffeine: a cache of counted direct buffers that loads what it does not
 * have, one reader a page, and uses the memory of evicted pages again. It evicts in the thread that
 * misses, as pools of threads would only be in the way of a measurement.
 */
public final class CountedCache implements AutoCloseable {
    /** Memory comes in pieces of so many pages, which are a huge page or more. */
    private static final int PIECE_PAGES = 512;

    private final List<NativePages> memory = new ArrayList<>();
    private final Cache<Long, CountedPage> cache;
    private final Queue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final PageLoader loader;
    private final int pageBytes;

    /**
     * An empty cache.
     *
     * @param pages how many it may hold
     * @param pageBytes bytes of each, a power of two from 4 KiB to 64 KiB
     * @param loader where they come from
     */
    public CountedCache(int pages, int pageBytes, PageLoader loader) {
        this.loader = loader;
        this.pageBytes = pageBytes;
        addMemory(pages);
        cache =
                Caffeine.newBuilder()
                        .maximumSize(pages)
                        .executor(Runnable::run)
                        .<Long, CountedPage>removalListener((_, page, _) -> removed(page))
                        .build();
    }

    /**
     * The first long of a page.
     *
     * @param page its number
     * @return what was read
     */
    public long read(long page) {
        while (true) {
            CountedPage found = cache.get(page, this::load);
            if (found.retain()) {
                try {
                    return found.bytes().getLong(0);
                } finally {
                    release(found);
                }
            }
        }
    }

    private CountedPage load(Long page) {
        ByteBuffer bytes = free.poll();
        while (bytes == null) {
            // Full but not yet evicted, or still read: more than was allowed for a moment.
            addMemory(PIECE_PAGES);
            bytes = free.poll();
        }
        try {
            loader.load(page, bytes.clear());
            return new CountedPage(bytes);
        } catch (IOException e) {
            free.add(bytes);
            throw new UncheckedIOException(e);
        }
    }

    private void addMemory(int pages) {
        NativePages more = new NativePages(pages, pageBytes);
        synchronized (memory) {
            memory.add(more);
        }
        free.addAll(more.buffers());
    }

    private void removed(@Nullable CountedPage page) {
        if (page != null) {
            release(page);
        }
    }

    private void release(CountedPage page) {
        if (page.release()) {
            free.add(page.bytes());
        }
    }

    /** Gives its memory back, nobody reading any more. */
    @Override
    public void close() {
        synchronized (memory) {
            memory.forEach(NativePages::close);
        }
    }
}
