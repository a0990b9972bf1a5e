package dev.quire.bench.reference;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import java.util.Arrays;

/**
 * Caffeine itself. It does its work on the calling thread, so that nothing depends on timing; its
 * hit ratio still varies by a few tenths of a point between runs, since it throws dice against
 * those who would make keys collide.
 */
final class CaffeineCache implements ReferenceCache {
    private final Cache<Integer, Boolean> cache;
    private final Integer[] keys;

    CaffeineCache(int frames, int pages) {
        cache = Caffeine.newBuilder().maximumSize(frames).executor(Runnable::run).build();
        keys = new Integer[pages];
        Arrays.setAll(keys, Integer::valueOf);
    }

    @Override
    public boolean access(int page) {
        if (cache.getIfPresent(keys[page]) != null) {
            return true;
        }
        cache.put(keys[page], Boolean.TRUE);
        return false;
    }
}
