package dev.quire.allocator;

/** What JMX asks of an allocator. */
record AllocatorBean(PageAllocator allocator) implements AllocatorMXBean {
    @Override
    public AllocatorStats getStats() {
        return allocator.stats();
    }

    @Override
    public int[] getFreeBlocks() {
        return allocator.buddyInfo().freeBlocks();
    }

    @Override
    public String dump() {
        return allocator.dump();
    }
}
