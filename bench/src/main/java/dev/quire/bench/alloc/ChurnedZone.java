package dev.quire.bench.alloc;

import dev.quire.allocator.frame.FrameTable;
import dev.quire.allocator.zone.LockFreeBuddy;
import dev.quire.allocator.zone.LockedBuddy;

/** What is churned. */
public enum ChurnedZone {
    /** The allocator's zone, alone. */
    LOCK_FREE,
    /** The classic zone, free lists under one lock. */
    LOCKED,
    /** The whole allocator: its zone, and the caches before it. */
    ALLOCATOR;

    FrameSource open(int frames) {
        return switch (this) {
            case LOCK_FREE -> new ZoneSource(new LockFreeBuddy(frames));
            case LOCKED -> new ZoneSource(new LockedBuddy(new FrameTable(frames)));
            case ALLOCATOR -> new AllocatorSource(frames);
        };
    }
}
