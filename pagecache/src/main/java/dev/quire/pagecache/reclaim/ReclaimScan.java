package dev.quire.pagecache.reclaim;

import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.lru.Replacement;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Removal;

/**
 * One scan for frames to take back: isolates a batch from the policy's lists, passes each frame
 * through the gates of {@link Removal#tryEvict}, gives the evicted ones to the allocator together
 * and puts the others back. It never writes: dirty pages are left to the flusher. Confined to the
 * thread that made it.
 */
final class ReclaimScan {
    private static final int BATCH_MAX = 32;

    /**
     * Of the frames that may be used: what is taken at a time is lost to the cache until it is
     * needed.
     */
    private static final int BATCH_PART = 512;

    /** Pages that are not linked yet, taken at a time. */
    private static final int UNLINKED_MAX = 8;

    private final CacheContext context;
    private final int[] batch = new int[BATCH_MAX];
    private final int[] evicted = new int[BATCH_MAX];
    private int dirtySeen;
    private boolean heldUp;

    @SuppressWarnings("UnusedVariable") // else the loads might be left out
    private long slotsTouched;

    ReclaimScan(CacheContext context) {
        this.context = context;
    }

    /** How many frames are worth a run: many for the list's lock, few for the cache. */
    int batchFrames() {
        return Math.clamp(context.allocator().limitFrames() / BATCH_PART, 1, BATCH_MAX);
    }

    /** How many frames to take back for who asks for some. */
    int worth(int wanted) {
        return wanted > BATCH_MAX ? wanted : Math.min(wanted, batchFrames());
    }

    /**
     * Takes back frames until there are enough, or every frame was looked at so often that a use
     * count would have run out.
     *
     * @return how many were taken back
     */
    int run(int wanted) {
        dirtySeen = 0;
        heldUp = false;
        int batchFrames = batchFrames();
        int freed = context.allocator().drainDeferred();
        long looksLeft = (FrameTable.USES_MAX + 2L) * context.lru().size();
        while (freed < wanted && looksLeft > 0) {
            int count = context.lru().isolate(batch, batchFrames);
            if (count == Replacement.HELD_UP) {
                heldUp = true;
                break;
            }
            looksLeft -= count > 0 ? count : BATCH_MAX; // none: the policy was busy aging
            freed += reclaimBatch(count);
        }
        return freed;
    }

    /**
     * Takes back pages that are not linked yet, because somebody is held up with the lists: the
     * newest, for who found none that is older.
     *
     * @return how many were taken back
     */
    int runUnlinked() {
        return reclaimBatch(context.lru().isolateUnlinked(batch, UNLINKED_MAX));
    }

    /** Dirty pages that stood in the way of the last run. */
    int dirtySeen() {
        return dirtySeen;
    }

    /** Whether the last run ended because whoever has the lists is held up. */
    boolean heldUp() {
        return heldUp;
    }

    /** Slots of old pages are seldom in the processor's cache: their loads overlap here. */
    private void touchSlots(int count) {
        for (int i = 0; i < count; i++) {
            slotsTouched += context.removal().slotOf(batch[i]);
        }
    }

    private int reclaimBatch(int count) {
        touchSlots(count);
        int freed = 0;
        for (int i = 0; i < count; i++) {
            int frame = batch[i];
            Removal.Outcome outcome = context.removal().tryEvict(frame);
            switch (outcome) {
                case EVICTED -> evicted[freed++] = frame;
                case DETACHED -> context.allocator().put(frame);
                case USED, BUSY, DIRTY -> {
                    // On the list again before our reference goes: else two could link it (S1.4).
                    context.lru().putBack(frame, outcome == Removal.Outcome.USED);
                    context.allocator().put(frame);
                    dirtySeen += outcome == Removal.Outcome.DIRTY ? 1 : 0;
                }
            }
        }
        context.counters().framesScanned.add(count);
        context.allocator().freeFrozenBatch(evicted, 0, freed);
        context.shadowSweep().advance(freed);
        return freed;
    }
}
