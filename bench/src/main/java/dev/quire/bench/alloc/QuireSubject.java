package dev.quire.bench.alloc;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;

/** Quire's allocator. */
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
    public void pair(int order) {
        allocator.put(allocator.allocate(order));
    }

    @Override
    public void take(int slot) {
        slots[slot] = allocator.allocate(0);
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
