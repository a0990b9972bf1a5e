package dev.quire.allocator;

import dev.quire.allocator.os.VirtualMemory;
import dev.quire.allocator.zone.BuddyZone;

import org.jspecify.annotations.Nullable;

/**
 * Gives the memory of free blocks back to the system, slab by slab; a slab that is registered is
 * left alone.
 */
final class Trimmer {
    private static final System.Logger LOG = System.getLogger(Trimmer.class.getName());

    private final Region region;
    private final BuddyZone zone;
    private final @Nullable DebugModes debug;

    /** Of one huge page: less would split it. */
    private final int order;

    Trimmer(Region region, BuddyZone zone, @Nullable DebugModes debug) {
        this.debug = debug;
        this.region = region;
        this.zone = zone;
        order = Long.numberOfTrailingZeros(VirtualMemory.HUGE_BYTES / region.pageBytes());
    }

    /**
     * Trims what is free while others allocate.
     *
     * @param keepFrames frames that stay free for them meanwhile
     */
    TrimReport trim(int keepFrames) {
        if (region.info().hugetlb()) {
            // The pool's pages would stay reserved for us: nobody would gain.
            return new TrimReport(0, 0, 0);
        }
        long bytes = 0;
        int trimmed = 0;
        for (Slab slab : region.slabs()) {
            try (Slab.Idle idle = slab.tryIdle()) {
                if (idle != null) {
                    bytes += trim(slab, idle, keepFrames);
                    trimmed++;
                }
            }
        }
        return new TrimReport(bytes, trimmed, region.slabs().size() - trimmed);
    }

    private long trim(Slab slab, Slab.Idle idle, int keepFrames) {
        int length = 1 << order;
        long bytes = 0;
        for (int head = slab.firstFrame(); head + length <= slab.endFrame(); head += length) {
            // Out of the zone while its memory goes: nobody may write what is being dropped.
            if (zone.allocateAt(head, order, keepFrames)) {
                try {
                    long resident = region.residentBytes(head, length);
                    if (!giveBack(idle, head, length)) {
                        break;
                    }
                    bytes += resident;
                } finally {
                    zone.free(head, order);
                }
            }
        }
        return bytes;
    }

    private boolean giveBack(Slab.Idle idle, int frame, int count) {
        if (debug != null) {
            debug.givenBack(frame, count);
        }
        return idle.giveBack(frame, count);
    }

    /** Gives all free frames' memory back, at the end, when nobody allocates any more. */
    void giveBackAll() {
        region.unlock();
        int busy = 0;
        for (Slab slab : region.slabs()) {
            try (Slab.Idle idle = slab.tryIdle()) {
                if (idle == null) {
                    busy++;
                } else {
                    giveBackFree(slab, idle);
                }
            }
        }
        if (busy > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "memory kept at close: slabs={0} of {1} are registered, or being trimmed;"
                            + " close whatever registered them first",
                    busy,
                    region.slabs().size());
        }
    }

    private void giveBackFree(Slab slab, Slab.Idle idle) {
        int runStart = slab.firstFrame();
        for (int frame = runStart; frame <= slab.endFrame(); frame++) {
            if (frame == slab.endFrame() || !zone.isFree(frame)) {
                if (frame > runStart && !giveBack(idle, runStart, frame - runStart)) {
                    return;
                }
                runStart = frame + 1;
            }
        }
    }
}
