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
    private final Pressure pressure;
    private final @Nullable DebugModes debug;

    /** Of one huge page: less would split it. */
    private final int order;

    Trimmer(Region region, BuddyZone zone, Pressure pressure, @Nullable DebugModes debug) {
        this.pressure = pressure;
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
            pressure.lend(length);
            try {
                long resident = trimBlock(idle, head, keepFrames);
                if (resident < 0) {
                    break;
                }
                bytes += resident;
            } finally {
                pressure.lend(-length);
            }
        }
        return bytes;
    }

    /** Answers what it had in memory, 0 if it is not free; -1 if the system refused. */
    private long trimBlock(Slab.Idle idle, int head, int keepFrames) {
        // Out of the zone while its memory goes: nobody may write what is being dropped.
        if (!zone.allocateAt(head, order, keepFrames)) {
            return 0;
        }
        try {
            long resident = region.residentBytes(head, 1 << order);
            return giveBack(idle, head, 1 << order) ? resident : -1;
        } finally {
            zone.free(head, order);
        }
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
