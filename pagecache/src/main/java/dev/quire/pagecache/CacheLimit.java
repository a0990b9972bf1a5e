package dev.quire.pagecache;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.lru.Replacement;
import dev.quire.pagecache.reclaim.Reclaimer;
import dev.quire.pagecache.space.ImageMemory;
import dev.quire.pagecache.writeback.DirtyLimits;

import java.lang.System.Logger.Level;

/**
 * How much of its region a cache may use: the least of what its owner and what the system's memory
 * pressure let it have.
 */
final class CacheLimit {
    private static final System.Logger LOG = System.getLogger(CacheLimit.class.getName());

    private final PageAllocator allocator;
    private final Replacement lru;
    private final Reclaimer reclaimer;
    private final DirtyLimits dirty;
    private final ImageMemory images;
    private final long mostBytes;
    private final long leastBytes;
    private long ownersBytes;
    private long pressureBytes;

    CacheLimit(
            PageAllocator allocator,
            Replacement lru,
            Reclaimer reclaimer,
            DirtyLimits dirty,
            ImageMemory images) {
        this.images = images;
        this.allocator = allocator;
        this.lru = lru;
        this.reclaimer = reclaimer;
        this.dirty = dirty;
        mostBytes = (long) allocator.frameCount() * allocator.pageBytes();
        leastBytes = (long) PageCacheConfig.PAGES_MIN * allocator.pageBytes();
        ownersBytes = mostBytes;
        pressureBytes = mostBytes;
    }

    long mostBytes() {
        return mostBytes;
    }

    long leastBytes() {
        return leastBytes;
    }

    /** What may be used now. */
    long bytes() {
        return (long) allocator.limitFrames() * allocator.pageBytes();
    }

    /** What the owner lets it have. */
    synchronized void owners(long bytes) {
        if (bytes < leastBytes || bytes > mostBytes) {
            throw new IllegalArgumentException(
                    "memory must be from "
                            + PageCacheConfig.PAGES_MIN
                            + " pages, here "
                            + leastBytes
                            + ", to the "
                            + mostBytes
                            + " bytes that the cache was created with: bytes="
                            + bytes);
        }
        apply(bytes, pressureBytes);
        ownersBytes = bytes;
    }

    /** What the system lets it have; no less than watermarks allow that were set. */
    synchronized void pressure(long bytes) {
        long inRange = Math.clamp(bytes, leastBytes, mostBytes);
        try {
            apply(ownersBytes, inRange);
            pressureBytes = inRange;
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "memory pressure cannot be followed so far", e);
        }
    }

    private void apply(long owners, long pressure) {
        int frames = (int) (Math.min(owners, pressure) / allocator.pageBytes());
        int before = allocator.limitFrames();
        if (frames != before) {
            allocator.limitFrames(frames);
            lru.resize(frames);
            dirty.resize(frames);
            images.resize(frames);
            if (frames < before) {
                reclaimer.shrink();
            }
        }
    }
}
