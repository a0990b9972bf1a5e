package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import dev.quire.allocator.cache.FrameCache;
import dev.quire.allocator.cache.FrameCaches;
import dev.quire.allocator.zone.BuddyZone;

import java.util.concurrent.atomic.LongAdder;

/**
 * The beginning of a block's use: from the caller's frame cache, from the zone, and when that has
 * none, from wherever free blocks wait. Never reclaims.
 */
final class FrameSupply {
    private final FrameCaches caches;
    private final BuddyZone zone;
    private final FrameRelease release;
    private final Pressure pressure;
    private final DeferredFrames deferred;
    private final LongAdder allocations = new LongAdder();

    FrameSupply(
            FrameCaches caches,
            BuddyZone zone,
            FrameRelease release,
            Pressure pressure,
            DeferredFrames deferred) {
        this.caches = caches;
        this.zone = zone;
        this.release = release;
        this.pressure = pressure;
        this.deferred = deferred;
    }

    /**
     * Takes a block.
     *
     * @param keepFrames frames that the zone must have left afterwards
     * @param mayBlock whether deferred frames may be freed for it, under locks of LRU lists
     * @return head frame, one reference; or NO_FRAME
     */
    int take(int order, int keepFrames, boolean mayBlock) {
        int frame = takeOnce(order, keepFrames);
        return frame == NO_FRAME && drain(mayBlock) > 0 ? takeOnce(order, keepFrames) : frame;
    }

    private int takeOnce(int order, int keepFrames) {
        FrameCache cache = caches.enter();
        int frame = cache.take(order);
        boolean missed = frame == NO_FRAME;
        if (missed) {
            // No stock from the reserve: those who may not take it would find it in the cache.
            boolean aboveReserve = keepFrames >= pressure.reserveFrames();
            frame =
                    aboveReserve && cache.refillBlocks(order) > 1
                            ? refill(cache, keepFrames)
                            : takeBlock(cache, order, keepFrames);
        }
        caches.exit(cache);
        if (missed) {
            wakeIfLow(); // foreign code: not inside the cache
        }
        return frame;
    }

    private int takeBlock(FrameCache cache, int order, int keepFrames) {
        // Goes round again only when a block fails its check, which takes it out of use.
        while (true) {
            int head = zone.allocate(order, keepFrames, cache.index());
            if (head == NO_FRAME) {
                return NO_FRAME;
            }
            if (release.own(head, order) != NO_FRAME) {
                allocations.increment();
                if (order <= FrameCache.ORDER_MAX) {
                    cache.settle(head);
                }
                return head;
            }
        }
    }

    /** Takes a batch of frames: the first is the caller's, the others are kept ready. */
    private int refill(FrameCache cache, int keepFrames) {
        int[] batch = cache.batch();
        int found = zone.allocateBatch(batch, 0, cache.refillBlocks(0), keepFrames, cache.index());
        for (int i = 0; i < found; i++) {
            if (release.own(batch[i], 0) != NO_FRAME) {
                allocations.increment();
                cache.settle(batch[i]);
                cache.stock(batch, i + 1, found - i - 1);
                return batch[i];
            }
        }
        return NO_FRAME;
    }

    /**
     * Takes single frames, as many as there are.
     *
     * @return how many
     */
    int takeBatch(int[] frames, int from, int count, int keepFrames, boolean mayBlock) {
        int taken = takeBatchOnce(frames, from, count, keepFrames);
        if (taken < count && drain(mayBlock) > 0) {
            taken += takeBatchOnce(frames, from + taken, count - taken, keepFrames);
        }
        wakeIfLow();
        return taken;
    }

    private int takeBatchOnce(int[] frames, int from, int count, int keepFrames) {
        FrameCache cache = caches.enter();
        int found = zone.allocateBatch(frames, from, count, keepFrames, cache.index());
        caches.exit(cache);
        int taken = 0;
        for (int i = from; i < from + found; i++) {
            if (release.own(frames[i], 0) != NO_FRAME) {
                frames[from + taken++] = frames[i];
            }
        }
        allocations.add(taken);
        return taken;
    }

    /**
     * Gives what waits on the deferred stack and in frame caches to the zone: the last resort
     * before an allocation fails, or reclaims.
     *
     * @param mayBlock as {@link #take}
     * @return more than 0 if that was anything
     */
    int drain(boolean mayBlock) {
        return caches.drain() + (mayBlock ? deferred.drain() : 0);
    }

    private void wakeIfLow() {
        if (pressure.belowLow()) {
            pressure.wake();
        }
    }

    /** Blocks handed out so far. */
    long allocations() {
        return allocations.sum() + caches.takes();
    }
}
