package dev.quire.allocator;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

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
        int head = headOf(allocator.frames(), frame);
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

    /** The head of the block that a frame is in, if it is in one; else the frame. */
    private static int headOf(FrameTable frames, int frame) {
        if (frames.order(frame) != FrameTable.ORDER_TAIL) {
            return frame;
        }
        for (int order = 1; order <= PageAllocator.ORDER_MAX; order++) {
            int head = frame & -(1 << order);
            if (frames.order(head) != FrameTable.ORDER_TAIL) {
                return head;
            }
        }
        return frame;
    }

    private static void pin(PageAllocator allocator, int head) {
        if (!allocator.tryPin(head)) {
            String rule =
                    allocator.rule("pin for I/O", head)
                            + "; who submits it must hold a reference to the block until then";
            throw new IllegalStateException(allocator.report(rule, head));
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
        return allocator.handle(head);
    }

    @Override
    void end() {
        if (unpin(allocator, head) == FrameState.REFUSED) {
            report("close of pinned memory whose pin somebody else has given back");
        }
    }

    @Override
    void report(String rule) {
        allocator.report(rule, head);
    }

    @Override
    public String toString() {
        return "PinnedMemory[" + allocator.frames().describe(head) + ", " + segmentText() + "]";
    }
}
