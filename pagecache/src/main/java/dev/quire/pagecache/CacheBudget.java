package dev.quire.pagecache;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Memory that several caches share: each may use a part, and the right to use memory moves between
 * them. A cache that joins is created with the most it may ever have; together they may use no more
 * than the budget, but for the time that the one that gives takes to shrink. Thread-safe.
 */
public final class CacheBudget {
    /** A step of {@link #rebalance} is this part of the budget. */
    private static final int STEP_PART = 32;

    private final long totalBytes;
    private final Map<PageCache, Share> shares = new HashMap<>();

    private static final class Share {
        private final long leastBytes;
        private long bytes;
        private long refaultsBefore;

        Share(PageCache cache, long bytes, long leastBytes, long refaults) {
            this.bytes = bytes;
            this.leastBytes = Math.max(leastBytes, cache.limit().leastBytes());
            refaultsBefore = refaults;
        }
    }

    /**
     * A budget without caches.
     *
     * @param totalBytes what they may use together, at least 1
     */
    public CacheBudget(long totalBytes) {
        if (totalBytes < 1) {
            throw new IllegalArgumentException(
                    "budget must be at least 1 byte: totalBytes=" + totalBytes);
        }
        this.totalBytes = totalBytes;
    }

    /**
     * Takes a cache in, and gives it a part: {@link PageCache#resize} is the budget's from now on.
     *
     * @param cache not in a budget yet
     * @param bytes what it may use for now
     * @param leastBytes what {@link #move} and {@link #rebalance} leave it, at most {@code bytes};
     *     never less than {@link PageCacheConfig#PAGES_MIN} pages
     * @throws IllegalArgumentException if the parts would be more than the budget, or the cache
     *     cannot have so much or so little; nothing is changed then
     */
    public synchronized void join(PageCache cache, long bytes, long leastBytes) {
        Objects.requireNonNull(cache, "cache");
        if (shares.containsKey(cache)) {
            throw new IllegalArgumentException("cache is in the budget already: " + cache);
        }
        if (leastBytes < 0 || leastBytes > bytes) {
            throw new IllegalArgumentException(
                    "least must be 0.." + bytes + " bytes: leastBytes=" + leastBytes);
        }
        if (bytes > freeBytes()) {
            throw new IllegalArgumentException(
                    "the budget of "
                            + totalBytes
                            + " bytes has "
                            + freeBytes()
                            + " left: bytes="
                            + bytes);
        }
        cache.resize(bytes);
        shares.put(cache, new Share(cache, bytes, leastBytes, refaults(cache)));
    }

    /**
     * Lets a cache go, before it is closed; its part is free for others.
     *
     * @param cache one that joined
     */
    public synchronized void leave(PageCache cache) {
        share(cache);
        shares.remove(cache);
    }

    /**
     * Moves the right to use memory from one cache to another.
     *
     * @param from gives; shrinks in the background
     * @param to gets
     * @param bytes how much, at least 0
     * @throws IllegalArgumentException if one of them would have less or more than it may; nothing
     *     is changed then
     */
    public synchronized void move(PageCache from, PageCache to, long bytes) {
        Share giver = share(from);
        Share taker = share(to);
        if (bytes < 0 || bytes > giver.bytes - giver.leastBytes) {
            throw new IllegalArgumentException(
                    "what moves must be 0.."
                            + (giver.bytes - giver.leastBytes)
                            + " bytes, or less would be left than the cache must have: bytes="
                            + bytes);
        }
        if (bytes > to.capacityBytes() - taker.bytes) {
            throw new IllegalArgumentException(
                    "what moves must be 0.."
                            + (to.capacityBytes() - taker.bytes)
                            + " bytes, or more would be there than the cache was created with:"
                            + " bytes="
                            + bytes);
        }
        from.resize(giver.bytes - bytes);
        giver.bytes -= bytes;
        grow(to, bytes);
    }

    private void grow(PageCache cache, long bytes) {
        Share share = share(cache);
        cache.resize(share.bytes + bytes);
        share.bytes += bytes;
    }

    /**
     * Gives a step to the cache that misses its evicted pages most: of what is in no cache's part,
     * else of what the one has that misses them least; counted since the last call and for each
     * byte it has: pages that came back soon after they left would have stayed in a larger cache.
     * To be called now and then, every few seconds say.
     *
     * @return whether anything was moved
     */
    public synchronized boolean rebalance() {
        PageCache poor = null;
        PageCache rich = null;
        double most = 0;
        double least = Double.MAX_VALUE;
        long step = totalBytes / STEP_PART;
        for (Map.Entry<PageCache, Share> entry : shares.entrySet()) {
            PageCache cache = entry.getKey();
            Share share = entry.getValue();
            long refaults = refaults(cache);
            double want = (double) (refaults - share.refaultsBefore) / share.bytes;
            share.refaultsBefore = refaults;
            if (want > most && cache.capacityBytes() - share.bytes >= step) {
                poor = cache;
                most = want;
            }
            if (want < least && share.bytes - share.leastBytes >= step) {
                rich = cache;
                least = want;
            }
        }
        if (poor != null && freeBytes() >= step) {
            grow(poor, step);
            return true;
        }
        // Twice as much: else it would go to and fro.
        if (poor == null || rich == null || poor == rich || most < 2 * least) {
            return false;
        }
        move(rich, poor, step);
        return true;
    }

    private static long refaults(PageCache cache) {
        return cache.context().counters().refaults.sum();
    }

    /**
     * What a cache may use.
     *
     * @param cache one that joined
     * @return bytes
     */
    public synchronized long bytesOf(PageCache cache) {
        return share(cache).bytes;
    }

    /**
     * What is in no cache's part.
     *
     * @return bytes, at least 0
     */
    public synchronized long freeBytes() {
        return totalBytes - shares.values().stream().mapToLong(share -> share.bytes).sum();
    }

    private Share share(PageCache cache) {
        Share share = shares.get(cache);
        if (share == null) {
            throw new IllegalArgumentException("cache is not in this budget: " + cache);
        }
        return share;
    }

    @Override
    public synchronized String toString() {
        return "CacheBudget[totalBytes="
                + totalBytes
                + ", freeBytes="
                + freeBytes()
                + ", caches="
                + shares.size()
                + "]";
    }
}
