package dev.quire.stress;

import dev.quire.allocator.cache.FrameCache;
import dev.quire.allocator.cache.FrameCaches;
import dev.quire.allocator.cache.FrameSink;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

/** One allocated frame, the frame cache of its user, and a zone that counts what it is given. */
final class SpareScene implements FrameSink {
    final FrameTable frames = new FrameTable(1);
    final FrameCaches caches = new FrameCaches(frames, this, 2);

    /** Whoever uses it in a test is its user. */
    final FrameCache cache = caches.enter();

    private int freed;

    SpareScene() {
        cache.settle(0);
        frames.order(0, 0);
        frames.update(0, FrameState::allocate);
    }

    /** As any thread may. */
    int drained() {
        caches.drain();
        return freed;
    }

    /** Whether the frame is in stock, and a drain would find it there. */
    int inStock() {
        return caches.spareHeads().length;
    }

    @Override
    public void put(int head) {
        throw new IllegalStateException("every frame here is of order 0: frame=" + head);
    }

    @Override
    public void discard(int frame) {
        throw new IllegalStateException("every frame here is free: frame=" + frame);
    }

    @Override
    public void free(int head, int order) {
        freed++;
    }

    @Override
    public void freeBatch(int[] heads, int from, int count, int order) {
        freed += count;
    }
}
