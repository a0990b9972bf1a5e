package dev.quire.allocator;

import java.lang.foreign.MemorySegment;

/**
 * Memory that nothing but its owner's promise keeps alive: the arena stays open until the I/O is
 * complete. {@link #close} reports a promise that was broken.
 *
 * <p>Never memory of the allocator's own region: there a frame can be freed and used again under
 * the I/O, and only a pin keeps that from happening.
 */
public final class BorrowedMemory extends IoMemory {
    private final MemorySegment.Scope scope;

    private BorrowedMemory(PageAllocator allocator, MemorySegment segment) {
        super(allocator, segment);
        scope = segment.scope();
    }

    static BorrowedMemory of(PageAllocator allocator, MemorySegment segment) {
        if (overlaps(allocator.region(), segment)) {
            int frame = allocator.plainFrameOf(segment.address());
            String where =
                    frame == PageAllocator.NO_FRAME
                            ? "around its start"
                            : allocator.frames().describe(frame);
            throw new IllegalArgumentException(
                    "memory of the allocator's region must be pinned for I/O, not borrowed (use"
                            + " IoMemory.pinned): frame="
                            + where
                            + ", segment="
                            + segment);
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException(
                    "borrowed memory must be alive until the I/O is complete: segment=" + segment);
        }
        return new BorrowedMemory(allocator, segment);
    }

    private static boolean overlaps(MemorySegment region, MemorySegment segment) {
        return segment.isNative()
                && segment.address() < region.address() + region.byteSize()
                && region.address() < segment.address() + segment.byteSize();
    }

    @Override
    void end() {
        if (!scope.isAlive()) {
            report("the arena of borrowed memory was closed before the I/O was complete");
        }
    }

    @Override
    void report(String rule) {
        allocator.report(rule, toString());
    }

    @Override
    public String toString() {
        return "BorrowedMemory[" + segmentText() + "]";
    }
}
