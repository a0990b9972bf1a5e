package dev.quire.pagecache.lru;

import static dev.quire.allocator.frame.FrameState.ACTIVE;
import static dev.quire.allocator.frame.FrameState.LRU;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameState.WORKINGSET;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Linux's two lists: pages come in on probation (inactive) and move to the main (active) list when
 * they are found used at the end of probation, or when they come back soon after they left.
 *
 * <p>"Soon" is the refault distance: the clock advances with every eviction and every activation,
 * so that a page whose shadow is at most as old as the main list is long would have stayed, had the
 * main list been on probation. Source: Linux {@code mm/workingset.c}.
 *
 * <p>One lock for both lists, which every miss waits for.
 */
public final class TwoListLru implements Replacement {
    private static final long PAGES_PER_GIB = 1L << 18;

    /** Pages of the main list looked at a time, however few are wanted. */
    private static final int AGED_MIN = 64;

    private final FrameTable frames;
    private final ReentrantLock lock = new ReentrantLock();
    private final FrameList inactive;
    private final FrameList active;
    private volatile int frameCount;
    private volatile int inactiveRatio;

    // Evictions and activations so far; under the lock.
    private long clock;

    // Pages on probation that could not go since one last did: no supply. Under the lock.
    private int rejected;

    /**
     * Empty lists.
     *
     * @param frames the side table
     */
    public TwoListLru(FrameTable frames) {
        this.frames = frames;
        inactive = new FrameList(frames);
        active = new FrameList(frames);
        resize(frames.frameCount());
    }

    @Override
    public final void resize(int frameCount) {
        this.frameCount = frameCount;
        // As Linux: 1 GiB keeps a quarter on probation, larger caches less; sqrt(10 * GiB), at
        // least 1.
        inactiveRatio = Math.max(1, (int) Math.sqrt(10.0 * frameCount / PAGES_PER_GIB));
    }

    @Override
    public boolean insert(int frame, long memo) {
        lock.lock();
        try {
            boolean refault = memo >= 0 && clock - (memo >>> 1) <= active.size();
            frames.uses(frame, 0);
            if (refault) {
                activate(frame);
            } else {
                link(frame, inactive, 0);
            }
            return refault;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long leave(int frame) {
        boolean workingSet = FrameState.any(frames.word(frame), WORKINGSET);
        lock.lock();
        try {
            rejected = 0;
            return ++clock << 1 | (workingSet ? 1 : 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean remembers(int owner, long page, long memo) {
        lock.lock();
        try {
            return clock - (memo >>> 1) <= frameCount;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int isolate(int[] batch, int max) {
        lock.lock();
        try {
            age(max);
            int count = 0;
            // One look at each frame at most: what cannot be claimed goes to the front.
            for (int left = inactive.size(); left > 0 && count < max; left--) {
                int frame = inactive.tail();
                if (frames.update(frame, FrameState::claimLru) == REFUSED) {
                    inactive.rotate(frame); // deferred: drainDeferred frees it
                } else {
                    inactive.unlink(frame);
                    batch[count++] = frame;
                }
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int isolateUnlinked(int[] batch, int max) {
        return 0;
    }

    @Override
    public boolean heldUp() {
        return false; // they are waited for
    }

    /** Moves pages of the main list that were not used lately to probation, if it is short. */
    private void age(int max) {
        for (int left = Math.min(Math.max(AGED_MIN, 2 * max), active.size());
                left > 0 && inactiveIsLow();
                left--) {
            int frame = active.tail();
            int uses = frames.uses(frame);
            if (uses > 0) {
                frames.uses(frame, uses - 1);
                active.rotate(frame);
            } else {
                active.unlink(frame);
                inactive.addFirst(frame);
                frames.clear(frame, ACTIVE);
            }
        }
    }

    private boolean inactiveIsLow() {
        long supply = Math.max(0, inactive.size() - rejected);
        return supply * inactiveRatio < active.size();
    }

    @Override
    public void putBack(int frame, boolean used) {
        lock.lock();
        try {
            if (used) {
                frames.uses(frame, 0);
                activate(frame);
            } else {
                link(frame, inactive, 0);
                rejected = Math.min(rejected + 1, inactive.size());
            }
        } finally {
            lock.unlock();
        }
    }

    private void activate(int frame) {
        clock++;
        link(frame, active, ACTIVE | WORKINGSET);
    }

    @Override
    public void replace(int from, int to) {
        lock.lock();
        try {
            boolean ofActive = isActive(from);
            setLru(to, ofActive ? ACTIVE : 0);
            (ofActive ? active : inactive).replace(from, to);
            frames.clear(from, LRU | ACTIVE);
        } finally {
            lock.unlock();
        }
    }

    private void link(int frame, FrameList list, long flags) {
        setLru(frame, flags);
        list.addFirst(frame);
    }

    private void setLru(int frame, long flags) {
        long outcome =
                frames.update(
                        frame,
                        word -> {
                            long next = FrameState.setLru(word);
                            return next == REFUSED ? REFUSED : (next & ~ACTIVE) | flags;
                        });
        frames.require(frame, outcome, "setLru");
    }

    @Override
    public boolean remove(int frame) {
        return claim(frame, frames.update(frame, FrameState::claimLru));
    }

    @Override
    public boolean drop(int frame) {
        return remove(frame);
    }

    @Override
    public boolean removeDeferred(int frame) {
        return claim(frame, frames.update(frame, FrameState::claimDeferred));
    }

    private boolean claim(int frame, long claimed) {
        if (claimed == REFUSED) {
            return false;
        }
        lock.lock();
        try {
            // Read again: aging may have moved it between the claim and the lock.
            (isActive(frame) ? active : inactive).unlink(frame);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return inactive.size() + active.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int snapshot(int[] into) {
        lock.lock();
        try {
            return inactive.copy(into, active.copy(into, 0));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long metadataBytes() {
        return 0;
    }

    @Override
    public void verify() {
        lock.lock();
        try {
            int linked = inactive.verify(frame -> !isActive(frame)) + active.verify(this::isActive);
            FrameList.verifyFlags(frames, linked);
        } finally {
            lock.unlock();
        }
    }

    private boolean isActive(int frame) {
        return FrameState.any(frames.word(frame), ACTIVE);
    }
}
