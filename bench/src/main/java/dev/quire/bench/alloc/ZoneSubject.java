package dev.quire.bench.alloc;

import dev.quire.allocator.zone.BuddyZone;

/** A bare buddy zone: no reference counts, no frame caches, no memory: frames are numbers. */
final class ZoneSubject implements Subject {
    private final BuddyZone zone;
    private final int[] slots;

    ZoneSubject(BuddyZone zone, int slots) {
        this.zone = zone;
        this.slots = new int[slots];
    }

    @Override
    public long pair(int order) {
        int frame = zone.allocate(order, 0, stripe());
        zone.free(frame, order);
        return frame;
    }

    @Override
    public long take(int slot) {
        int frame = zone.allocate(0, 0, stripe());
        slots[slot] = frame;
        return frame;
    }

    @Override
    public void give(int slot) {
        if (!zone.free(slots[slot], 0)) {
            throw new AssertionError("the zone took no frame back: frame=" + slots[slot]);
        }
    }

    private static int stripe() {
        return (int) Thread.currentThread().threadId();
    }

    @Override
    public void close() {
        zone.verify();
    }

    @Override
    public String toString() {
        return zone.toString();
    }
}
