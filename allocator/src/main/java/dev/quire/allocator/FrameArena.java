package dev.quire.allocator;

import dev.quire.allocator.os.VirtualMemory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * An arena whose segments are cut from frames. Lifetime and threads are another arena's, which
 * gives each block back when nobody can reach it any more.
 */
final class FrameArena implements Arena {
    /*
     * How it works: each block becomes a segment of the lifetime's scope, with a cleanup action that
     * puts the block. So the JDK decides when that is, after its handshake with threads that still
     * look at a shared segment; and its checks, not ours, refuse access after close and by strangers.
     * Segments of up to a frame are cut from a frame one behind the other.
     */
    private final PageAllocator allocator;
    private final Arena lifetime;
    private final long alignmentMax;

    /** What is left of the frame that segments are being cut from. */
    private MemorySegment open = MemorySegment.NULL;

    FrameArena(PageAllocator allocator, Arena lifetime) {
        this.allocator = allocator;
        this.lifetime = lifetime;
        alignmentMax = Math.min(VirtualMemory.HUGE_BYTES, blockBytesMax());
    }

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        if (bytes <= 0 || alignment <= 0 || Long.bitCount(alignment) != 1) {
            // An empty segment needs no frame; the rest is refused, both in the JDK's words.
            return lifetime.allocate(bytes, alignment);
        }
        check(bytes, alignment);
        long size = Math.max(bytes, alignment);
        MemorySegment segment =
                size <= allocator.pageBytes()
                        ? cut(bytes, alignment)
                        : block(order(size)).asSlice(0, bytes);
        return segment.fill((byte) 0);
    }

    private MemorySegment cut(long bytes, long alignment) {
        synchronized (this) {
            long start = -open.address() & (alignment - 1);
            if (start + bytes <= open.byteSize()) {
                MemorySegment segment = open.asSlice(start, bytes);
                open = open.asSlice(start + bytes);
                return segment;
            }
        }
        // Not under the lock: the allocator may have to reclaim first.
        MemorySegment block = block(0);
        MemorySegment rest = block.asSlice(bytes);
        synchronized (this) {
            open = rest.byteSize() > open.byteSize() ? rest : open;
        }
        return block.asSlice(0, bytes);
    }

    private MemorySegment block(int order) {
        int frame = allocator.allocate(order);
        try {
            return VirtualMemory.bind(
                    allocator.segment(frame), lifetime, putting(allocator, frame));
        } catch (RuntimeException | Error e) {
            allocator.put(frame);
            throw e;
        }
    }

    // Static: an action that held the arena would keep an automatic one alive for ever.
    private static Consumer<MemorySegment> putting(PageAllocator allocator, int frame) {
        // As a batch: it reports misuse and throws nothing.
        return memory -> allocator.putBatch(new int[] {frame}, 0, 1);
    }

    private int order(long bytes) {
        long frames = Math.ceilDiv(bytes, (long) allocator.pageBytes());
        return Long.SIZE - Long.numberOfLeadingZeros(frames - 1);
    }

    private long blockBytesMax() {
        return (long) allocator.pageBytes() << PageAllocator.ORDER_MAX;
    }

    private void check(long bytes, long alignment) {
        if (bytes > blockBytesMax()) {
            throw new IllegalArgumentException(
                    "a segment must fit into a block of "
                            + blockBytesMax()
                            + " bytes: bytes="
                            + bytes);
        }
        if (alignment > alignmentMax) {
            throw new IllegalArgumentException(
                    "alignment must be at most " + alignmentMax + ": alignment=" + alignment);
        }
    }

    @Override
    public MemorySegment.Scope scope() {
        return lifetime.scope();
    }

    @Override
    public void close() {
        lifetime.close();
    }

    @Override
    public String toString() {
        return "FrameArena[" + allocator + "]";
    }
}
