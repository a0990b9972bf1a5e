package dev.quire.bench.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import java.nio.ByteBuffer;

/**
 * Caffeine holding direct buffers. An evicted one may still be read, which is why each has a count
 * of its users. Reads do not keep writers out.
 */
final class CaffeinePages implements PageSubject {
    private final NativePages memory;
    private final Cache<Long, CountedPage> cache;

    CaffeinePages(int pages) {
        // Room for all, and the policy at work, as it is from half of the maximum on.
        cache = Caffeine.newBuilder().maximumSize(pages + pages / 8L).build();
        memory = new NativePages(pages, PAGE_BYTES);
        long page = 0;
        for (ByteBuffer bytes : memory.buffers()) {
            bytes.putLong(0, page);
            cache.put(page, new CountedPage(bytes));
            page++;
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
        memory.close();
    }

    private record Access(Cache<Long, CountedPage> cache) implements PageAccess {
        @Override
        public long read(long page) {
            CountedPage held = hold(page);
            try {
                return held.bytes().getLong(0);
            } finally {
                held.release();
            }
        }

        @Override
        public void write(long page, long value) {
            CountedPage held = hold(page);
            try {
                held.write(value);
            } finally {
                held.release();
            }
        }

        @Override
        public long sum(long page) {
            CountedPage held = hold(page);
            try {
                return PageFile.sum(held.bytes());
            } finally {
                held.release();
            }
        }

        // Endless only if the cache lost a page, which would be a hit that is none.
        private CountedPage hold(long page) {
            while (true) {
                CountedPage found = cache.getIfPresent(page);
                if (found == null) {
                    throw new IllegalStateException("a page must be cached: page=" + page);
                }
                if (found.retain()) {
                    return found;
                }
            }
        }
    }
}
