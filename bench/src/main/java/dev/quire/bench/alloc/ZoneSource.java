package dev.quire.bench.alloc;

import dev.quire.allocator.zone.BuddyZone;

/** Frames of a bare zone. */
final class ZoneSource implements FrameSource {
    private final BuddyZone zone;

    ZoneSource(BuddyZone zone) {
        this.zone = zone;
    }

    @Override
    public int take() {
        return zone.allocate(0, 0, (int) Thread.currentThread().threadId());
    }

    @Override
    public void give(int frame) {
        if (!zone.free(frame, 0)) {
            throw new IllegalStateException("the zone took no frame back: frame=" + frame);
        }
    }

    @Override
    public int freeHugeBlocks() {
        int[] blocks = new int[BuddyZone.ORDER_MAX + 1];
        zone.freeBlocks(blocks);
        int huge = 0;
        for (int order = HUGE_ORDER; order <= BuddyZone.ORDER_MAX; order++) {
            huge += blocks[order] << (order - HUGE_ORDER);
        }
        return huge;
    }

    @Override
    public void close() {
        zone.verify();
    }
}
