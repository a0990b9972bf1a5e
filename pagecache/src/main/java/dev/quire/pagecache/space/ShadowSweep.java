package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Clears the shadows that the policy has forgotten, so that the translation of a large file does
 * not keep the memory of every page that was ever cached: it walks all chunks once while four times
 * as many pages are evicted as the cache has frames, a few chunks at a time, paid for by evictions.
 *
 * <p>So shadows go oldest first, none is much older than the policy's memory plus one walk, and
 * their number is bounded by the cache, not by the file. Thread-safe; one thread at a time works.
 */
public final class ShadowSweep {
    /** Evictions for one walk, in frames of the cache. */
    private static final int WALK_FACTOR = 4;

    /** Slots for each frame that are not worth a walk: as many bytes as a frame has metadata. */
    private static final int SLOTS_PER_FRAME_FREE = 8;

    /**
     * Chunks walked for one eviction at most: where each shadow has a chunk of its own, chunks must
     * be left behind faster than they come.
     */
    private static final int CHUNKS_PER_EVICTION_MAX = 2;

    private final CacheContext context;
    private final ReentrantLock atWork = new ReentrantLock();
    private Iterator<AddressSpace> spaces = Collections.emptyIterator();
    private @Nullable AddressSpace space;
    private long nextPage;

    /** Work that evictions have paid for: chunks times frames of the cache. */
    private long owed;

    ShadowSweep(CacheContext context) {
        this.context = context;
    }

    /**
     * Goes on for a bit. Returns at once while another thread does so.
     *
     * @param evicted pages that were evicted since the last call
     */
    public void advance(int evicted) {
        if (evicted == 0 || !atWork.tryLock()) {
            return;
        }
        try {
            long frames = context.frames().frameCount();
            long chunks = context.slotMemory().chunks();
            if (chunks * Chunk.PAGES > SLOTS_PER_FRAME_FREE * frames) {
                long walk = WALK_FACTOR * frames;
                owed += evicted * Math.min(chunks, CHUNKS_PER_EVICTION_MAX * walk);
                for (; owed >= walk; owed -= walk) {
                    step();
                }
            }
        } finally {
            atWork.unlock();
        }
    }

    /** Walks the next chunk; after the last one of a file, begins with the next file. */
    private void step() {
        AddressSpace space = this.space;
        Chunk chunk = space == null ? null : space.translation().findFrom(nextPage);
        if (space == null || chunk == null) {
            nextSpace();
            return;
        }
        nextPage = chunk.firstPage() + Chunk.PAGES;
        sweep(space, chunk);
    }

    private void nextSpace() {
        if (!spaces.hasNext()) {
            spaces = context.spaces().all().iterator();
        }
        space = spaces.hasNext() ? spaces.next() : null;
        nextPage = 0;
    }

    private void sweep(AddressSpace space, Chunk chunk) {
        for (int index = 0; index < Chunk.PAGES; index++) {
            long slot = chunk.slot(index);
            if (Slot.isShadow(slot)
                    && !context.lru()
                            .remembers(space.id(), chunk.firstPage() + index, Slot.memo(slot))) {
                // Not the slot of the chunk's successor: no page leaves the same memo twice.
                chunk.clear(index, slot);
            }
        }
        space.translation().dropIfEmpty(chunk);
    }
}
