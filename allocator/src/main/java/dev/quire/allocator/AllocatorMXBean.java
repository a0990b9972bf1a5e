package dev.quire.allocator;

/**
 * An allocator seen through JMX, by {@link AllocatorConfig.Builder#jmxName}: {@code
 * dev.quire:type=PageAllocator,name=NAME}. Nothing can be changed through it.
 */
public interface AllocatorMXBean {
    /**
     * The allocator's numbers.
     *
     * @return composite data of the components of {@link AllocatorStats}
     */
    AllocatorStats getStats();

    /**
     * Free blocks by order, see {@link BuddyInfo}.
     *
     * @return at place {@code order}, how many blocks of exactly that order are free
     */
    int[] getFreeBlocks();

    /**
     * The allocator in lines, see {@link PageAllocator#dump()}: a walk over all frames.
     *
     * @return some dozens of lines
     */
    String dump();
}
