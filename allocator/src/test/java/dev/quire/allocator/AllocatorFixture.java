package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.AfterEach;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Allocators that are verified and closed after each test, with their reports kept. */
abstract class AllocatorFixture {
    final List<BadPageReport> badPages = Collections.synchronizedList(new ArrayList<>());
    final List<LeakReport> leaks = Collections.synchronizedList(new ArrayList<>());
    private final List<PageAllocator> allocators = new ArrayList<>();

    AllocatorConfig.Builder config(int frameCount) {
        return AllocatorConfig.builder()
                .capacityBytes(frameCount * 4096L)
                .onBadPage(badPages::add)
                .onLeak(leaks::add);
    }

    final PageAllocator create(AllocatorConfig.Builder config) {
        PageAllocator allocator = PageAllocator.create(config.build());
        allocators.add(allocator);
        return allocator;
    }

    final PageAllocator create(int frameCount) {
        return create(config(frameCount));
    }

    /** A frame on an LRU list, as the page cache would have it, with one reference. */
    static int allocateOnLru(PageAllocator allocator) {
        int frame = allocator.allocate(0);
        assertThat(allocator.frames().update(frame, FrameState::setLru))
                .isNotEqualTo(FrameState.REFUSED);
        return frame;
    }

    /** What a page cache's hook does, less the list. */
    static boolean claimDeferred(PageAllocator allocator, int frame) {
        return allocator.frames().update(frame, FrameState::claimDeferred) != FrameState.REFUSED;
    }

    @AfterEach
    void verifyAndClose() {
        for (PageAllocator allocator : allocators) {
            allocator.verify();
            allocator.close();
        }
    }
}
