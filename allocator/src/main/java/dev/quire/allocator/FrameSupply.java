package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import dev.quire.allocator.cache.FrameCache;
import dev.quire.allocator.cache.FrameCaches;
import dev.quire.allocator.zone.BuddyZone;

import java.lang.invoke.VarHandle;
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
    private volatile boolean closed;

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
        if (frame == NO_FRAME && zone.freeFrames() >= keepFrames) {
            frame = steal(order);
        }
        if (frame == NO_FRAME) {
            // Whatever came of it: others may have given blocks back meanwhile.
            drain(mayBlock);
            frame = takeOnce(order, keepFrames);
        }
        return frame;
    }

    /**
     * Takes a block for what will never be moved: not from a frame cache, which has what its thread
     * takes for everything.
     *
     * @param keepFrames frames that the zone must have left afterwards
     * @return head frame, one reference; or NO_FRAME
     */
    int takeUnmovable(int order, int keepFrames) {
        int head = takeBlock(order, keepFrames, BuddyZone.UNMOVABLE);
        wakeIfLow();
        return checkClosed(head);
    }

    /**
     * Takes the lowest frame of a range that is free in the zone.
     *
     * @param keepFrames frames that the zone must have left afterwards
     * @return a frame, one reference; or NO_FRAME
     */
    int takeBetween(int from, int end, int keepFrames) {
        for (int frame = from; frame < end; frame++) {
            if (zone.isFree(frame)
                    && zone.allocateAt(frame, 0, keepFrames)
                    && release.own(frame, 0) != NO_FRAME) {
                allocations.increment();
                return checkClosed(frame);
            }
        }
        return NO_FRAME;
    }

    private int checkClosed(int frame) {
        if (frame != NO_FRAME && closed) {
            release.put(frame);
            throw new IllegalStateException(PageAllocator.CLOSED);
        }
        return frame;
    }

    private int steal(int order) {
        int frame = caches.steal(order);
        if (frame != NO_FRAME) {
            allocations.increment();
        }
        return frame;
    }

    private int takeOnce(int order, int keepFrames) {
        FrameCache cache = caches.enter();
        int frame = cache.take(order);
        if (frame != NO_FRAME) {
            caches.exit(cache);
            return frame;
        }
        boolean began = cache.begin();
        try {
            frame = takeFromZone(cache, order, keepFrames);
        } finally {
            cache.end(began);
            caches.exit(cache);
        }
        wakeIfLow(); // foreign code: not inside the cache
        return frame;
    }

    /**
     * No stock when few frames are free: while it is on its way nobody can find it; nor from the
     * reserve: those who may not take it would find it in the cache.
     */
    private int takeFromZone(FrameCache cache, int order, int keepFrames) {
        boolean plenty = keepFrames >= pressure.keepFrames() && !pressure.scarce();
        int frame =
                plenty && cache.refillBlocks(order) > 1
                        ? refill(cache, keepFrames)
                        : takeBlock(order, keepFrames, cache.index());
        if (frame == NO_FRAME || !plenty) {
            // What is put from now on goes to the zone, and fills the reserve.
            cache.leaveHome();
        } else if (order <= FrameCache.ORDER_MAX) {
            cache.settle(frame);
        }
        return checkClosed(frame);
    }

    private int takeBlock(int order, int keepFrames, int stripe) {
        // Goes round again only when a block fails its check, which takes it out of use.
        while (true) {
            int head = zone.allocate(order, keepFrames, stripe);
            if (head == NO_FRAME) {
                return NO_FRAME;
            }
            if (release.own(head, order) != NO_FRAME) {
                allocations.increment();
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
        while (taken < count) {
            int frame = take(0, keepFrames, mayBlock);
            if (frame == NO_FRAME) {
                break;
            }
            frames[from + taken++] = frame;
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
        if (closed) {
            for (int i = from; i < from + taken; i++) {
                release.put(frames[i]);
            }
            throw new IllegalStateException(PageAllocator.CLOSED);
        }
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

    /**
     * Ends it. Whoever takes a block from the zone afterwards finds out and gives it back.
     *
     * <p>Ordering: the flag, then a full fence, before the caller looks at what is free; an
     * allocation takes the block by a full CAS before it looks at the flag. Pairs: each with the
     * other. Gives: a block that the caller saw free is not used by anybody any more. Checked:
     * CachedFramesUnderPressureTest, for the order of steps; both sides are full fences.
     */
    void close() {
        closed = true;
        VarHandle.fullFence();
    }

    /** Blocks handed out so far. */
    long allocations() {
        return allocations.sum() + caches.takes();
    }
}
