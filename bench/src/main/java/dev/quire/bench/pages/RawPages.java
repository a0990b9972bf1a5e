package dev.quire.bench.pages;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;

/** Plain memory, from the allocator for the same huge page advice as the page cache's. */
final class RawPages implements PageSubject {
    private final PageAllocator allocator;

    RawPages(int pages) {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes((long) pages * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        SegmentAccess access = new SegmentAccess(allocator.region());
        // None of them is the kernel's page of zeros.
        for (long page = 0; page < pages; page++) {
            access.write(page, page);
        }
    }

    @Override
    public PageAccess access() {
        return new SegmentAccess(allocator.region());
    }

    @Override
    public void close() {
        allocator.close();
    }
}
