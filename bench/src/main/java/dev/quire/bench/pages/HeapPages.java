package dev.quire.bench.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Caffeine holding arrays on the heap, which need no counts: whoever still reads an evicted one
 * keeps it. Reads do not keep writers out.
 */
final class HeapPages implements PageSubject {
    private final Cache<Long, HeapPage> cache;

    HeapPages(int pages) {
        // Room for all, and the policy at work, as it is from half of the maximum on.
        cache = Caffeine.newBuilder().maximumSize(pages + pages / 8L).build();
        for (int page = 0; page < pages; page++) {
            HeapPage made = new HeapPage(new byte[PAGE_BYTES]);
            made.write(page);
            cache.put((long) page, made);
        }
        cache.cleanUp();
    }

    @Override
    public PageAccess access() {
        return new Access(cache);
    }

    @Override
    public void close() {
        cache.invalidateAll();
    }

    private record Access(Cache<Long, HeapPage> cache) implements PageAccess {
        @Override
        public long read(long page) {
            return find(page).read();
        }

        @Override
        public void write(long page, long value) {
            find(page).write(value);
        }

        @Override
        public long sum(long page) {
            return find(page).sum();
        }

        private HeapPage find(long page) {
            HeapPage found = cache.getIfPresent(page);
            if (found == null) {
                throw new IllegalStateException("a page must be cached: page=" + page);
            }
            return found;
        }
    }
}
