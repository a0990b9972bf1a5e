package dev.quire.allocator;

import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.UPTODATE;
import static dev.quire.allocator.frame.FrameState.WRITEBACK;

import dev.quire.allocator.frame.FrameState;

import java.lang.foreign.MemorySegment;

/**
 * The memory of a page under I/O that the page cache itself keeps in its slot: LOCKED while it is
 * filled, under WRITEBACK while it is written (I3). Eviction skips such a page and truncate waits
 * for it (S0.6), so that the fragment needs no reference, and {@link #close} drops none.
 */
public final class CacheOwnedMemory extends IoMemory {
    private final int frame;
    private final long protection;

    private CacheOwnedMemory(
            PageAllocator allocator, int frame, long protection, MemorySegment segment) {
        super(allocator, segment);
        this.frame = frame;
        this.protection = protection;
    }

    static CacheOwnedMemory of(PageAllocator allocator, int frame) {
        allocator.order(frame); // the head of a block, or refused
        long word = allocator.frames().word(frame);
        if (FrameState.refs(word) == 0 || !FrameState.any(word, LOCKED | WRITEBACK)) {
            throw new IllegalStateException(
                    allocator.report(
                            "cache-owned I/O needs LOCKED or WRITEBACK, which keep the page in its"
                                    + " slot; pin it otherwise",
                            frame));
        }
        boolean fill = !FrameState.any(word, WRITEBACK | UPTODATE);
        MemorySegment block = allocator.segment(frame);
        return new CacheOwnedMemory(
                allocator,
                frame,
                FrameState.any(word, WRITEBACK) ? WRITEBACK : LOCKED,
                // What is up to date may be read by anybody: the I/O must not store into it.
                fill ? block : block.asReadOnly());
    }

    /**
     * The page's frame.
     *
     * @return the frame
     */
    public int frame() {
        return allocator.handle(frame);
    }

    @Override
    void end() {
        if (!FrameState.any(allocator.frames().word(frame), protection)) {
            report(FrameState.flagNames(protection) + " was cleared before the I/O was complete");
        }
    }

    @Override
    void report(String rule) {
        allocator.report(rule, frame);
    }

    @Override
    public String toString() {
        return "CacheOwnedMemory["
                + allocator.frames().describe(frame)
                + ", by "
                + FrameState.flagNames(protection)
                + "]";
    }
}
