package dev.quire.allocator;

import dev.quire.allocator.frame.FrameState;

import java.lang.foreign.MemorySegment;

/**
 * Memory of a block that the fragment of an I/O holds a pin on, given back by {@link #close}. It
 * keeps the block allocated and in place, whatever its other owners do.
 */
public final class PinnedMemory extends IoMemory {
    private final int head;

    private PinnedMemory(PageAllocator allocator, int head, MemorySegment segment) {
        super(allocator, segment);
        this.head = head;
    }

    static PinnedMemory of(PageAllocator allocator, int frame) {
        pin(allocator, frame);
        return new PinnedMemory(allocator, frame, allocator.segment(frame));
    }

    static PinnedMemory of(PageAllocator allocator, MemorySegment segment) {
        int frame =
                segment.byteSize() == 0 ? PageAllocator.NO_FRAME : allocator.plainFrameOf(segment);
        if (frame == PageAllocator.NO_FRAME) {
            throw new IllegalArgumentException(
                    "memory to be pinned must lie in the allocator's region (borrow other memory):"
                            + " segment="
                            + segment);
        }
        int head = allocator.frames().headOf(frame);
        pin(allocator, head);
        // From here on the block stays what it is.
        MemorySegment block = allocator.segment(head);
        long offset = segment.address() - block.address();
        if (offset >= block.byteSize() || segment.byteSize() > block.byteSize() - offset) {
            unpin(allocator, head);
            throw new IllegalArgumentException(
                    "memory to be pinned must lie in one block: segment="
                            + segment
                            + ", block="
                            + block);
        }
        // Our own segment, not the caller's: that one may have an arena, which may be closed.
        return new PinnedMemory(allocator, head, block.asSlice(offset, segment.byteSize()));
    }

    private static void pin(PageAllocator allocator, int head) {
        if (!allocator.tryPin(head)) {
            String rule =
                    allocator.checks().rule("pin for I/O", head)
                            + "; who submits it must hold a reference to the block until then";
            throw new IllegalStateException(allocator.checks().report(rule, head));
        }
    }

    private static long unpin(PageAllocator allocator, int head) {
        long word = allocator.frames().update(head, FrameState::unpin);
        if (word != FrameState.REFUSED && FrameState.reachedZero(word)) {
            allocator.lastPut(head, word);
        }
        return word;
    }

    /**
     * The block.
     *
     * @return its head frame
     */
    public int frame() {
        return allocator.checks().handle(head);
    }

    @Override
    void end() {
        if (unpin(allocator, head) == FrameState.REFUSED) {
            report("close of pinned memory whose pin somebody else has given back");
        }
    }

    @Override
    void report(String rule) {
        allocator.checks().report(rule, head);
    }

    @Override
    public String toString() {
        return "PinnedMemory[" + allocator.frames().describe(head) + ", " + segmentText() + "]";
    }
}
