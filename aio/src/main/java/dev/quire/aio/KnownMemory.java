package dev.quire.aio;

import dev.quire.allocator.PageAllocator;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The allocators whose memory an engine knows: a plain segment of theirs must be of blocks that
 * somebody holds.
 *
 * <p>Source: pages with reference count zero that were handed to a driver (thread S0).
 */
final class KnownMemory {
    private static final PageAllocator[] NONE = {};

    private volatile PageAllocator[] allocators = NONE; // replaced as a whole

    synchronized void add(PageAllocator allocator) {
        PageAllocator[] seen = allocators;
        PageAllocator[] next = new PageAllocator[seen.length + 1];
        System.arraycopy(seen, 0, next, 0, seen.length);
        next[seen.length] = allocator;
        allocators = next;
    }

    /** Takes back one {@link #add}. */
    synchronized void remove(PageAllocator allocator) {
        PageAllocator[] seen = allocators;
        for (int i = 0; i < seen.length; i++) {
            if (seen[i] == allocator) {
                PageAllocator[] next = new PageAllocator[seen.length - 1];
                System.arraycopy(seen, 0, next, 0, i);
                System.arraycopy(seen, i + 1, next, i, next.length - i);
                allocators = next;
                return;
            }
        }
    }

    /** Refuses memory that has no owner, before anything happens. */
    void check(MemorySegment segment, Path path) {
        for (PageAllocator allocator : allocators) {
            int frame = allocator.unreferencedFrame(segment);
            if (frame != PageAllocator.NO_FRAME) {
                throw new IllegalStateException(
                        "memory of a request must be of a block with a reference; who submits it"
                                + " must hold one until the completion (IoMemory.pinned does):"
                                + " frame="
                                + frame
                                + ", segment="
                                + segment
                                + ", file="
                                + path);
            }
        }
    }
}
