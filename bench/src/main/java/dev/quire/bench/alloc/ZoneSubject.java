package dev.quire.bench.alloc;

import dev.quire.allocator.zone.BuddyZone;

/** A bare buddy zone: no reference counts, no frame caches. */
final class ZoneSubject implements Subject {
    private final BuddyZone zone;
    private final int[] slots;

    ZoneSubject(BuddyZone zone, int slots) {
        this.zone = zone;
        this.slots = new int[slots];
    }

    @Override
    public void pair(int order) {
        zone.free(zone.allocate(order, 0, stripe()), order);
    }

    @Override
    public void take(int slot) {
        slots[slot] = zone.allocate(0, 0, stripe());
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
