package dev.quire.bench.alloc;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;

/** Quire's allocator: a frame and its segment, as its users need both. */
final class QuireSubject implements Subject {
    private final PageAllocator allocator =
            PageAllocator.create(
                    AllocatorConfig.builder()
                            .capacityBytes(CAPACITY_BYTES)
                            .pageBytes(FRAME_BYTES)
                            .build());
    private final int[] slots;

    QuireSubject(int slots) {
        this.slots = new int[slots];
    }

    @Override
    public long pair(int order) {
        int frame = allocator.allocate(order);
        long address = allocator.segment(frame).address();
        allocator.put(frame);
        return address;
    }

    @Override
    public long take(int slot) {
        int frame = allocator.allocate(0);
        slots[slot] = frame;
        return allocator.segment(frame).address();
    }

    @Override
    public void give(int slot) {
        allocator.put(slots[slot]);
    }

    /** A walk at the end: a fast allocator that is wrong must not pass for a fast one. */
    @Override
    public void close() {
        allocator.verify();
        allocator.close();
    }

    @Override
    public String toString() {
        return allocator.toString();
    }
}
