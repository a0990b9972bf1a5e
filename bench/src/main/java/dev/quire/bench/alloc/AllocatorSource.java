package dev.quire.bench.alloc;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.BuddyInfo;
import dev.quire.allocator.MemoryOption;
import dev.quire.allocator.PageAllocator;

/** Frames of a whole allocator, whose memory is reserved and never touched. */
final class AllocatorSource implements FrameSource {
    private final PageAllocator allocator;

    AllocatorSource(int frames) {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes((long) frames * AllocatorConfig.PAGE_BYTES_MIN)
                                .hugePages(MemoryOption.OFF)
                                .build());
    }

    @Override
    public int take() {
        return allocator.tryAllocate(0);
    }

    @Override
    public void give(int frame) {
        allocator.put(frame);
    }

    @Override
    public int freeHugeBlocks() {
        BuddyInfo info = allocator.buddyInfo();
        int huge = 0;
        for (int order = HUGE_ORDER; order <= BuddyInfo.ORDER_MAX; order++) {
            huge += info.freeBlocks(order) << (order - HUGE_ORDER);
        }
        return huge;
    }

    @Override
    public void close() {
        allocator.verify();
        allocator.close();
    }
}
