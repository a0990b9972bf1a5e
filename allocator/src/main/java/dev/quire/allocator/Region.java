package dev.quire.allocator;

import dev.quire.allocator.os.VirtualMemory;

import java.lang.foreign.MemorySegment;

/**
 * The frames' memory: one contiguous reservation, and the arithmetic between frames and addresses.
 */
final class Region {
    /** Advice is given in pieces of at most this size. */
    private static final long SLAB_BYTES_MAX = 1L << 30;

    private static final System.Logger LOG = System.getLogger(Region.class.getName());

    private final VirtualMemory os;
    private final MemorySegment memory;
    private final long address;
    private final int pageShift;
    private final int frameCount;

    private Region(VirtualMemory os, MemorySegment memory, int pageShift, int frameCount) {
        this.os = os;
        this.memory = memory;
        this.address = memory.address();
        this.pageShift = pageShift;
        this.frameCount = frameCount;
    }

    static Region reserve(int frameCount, int pageBytes, boolean hugePages) {
        int pageShift = Integer.numberOfTrailingZeros(pageBytes);
        VirtualMemory os = VirtualMemory.open();
        MemorySegment memory = os.reserve((long) frameCount << pageShift);
        Region region = new Region(os, memory, pageShift, frameCount);
        if (hugePages) {
            region.adviseHugePages();
        }
        return region;
    }

    private void adviseHugePages() {
        // Whole huge pages only: advice for a part would make a small region cost a huge page.
        long bytes = memory.byteSize() & -VirtualMemory.HUGE_BYTES;
        for (long offset = 0; offset < bytes; offset += SLAB_BYTES_MAX) {
            int errno =
                    os.adviseHugePages(address + offset, Math.min(SLAB_BYTES_MAX, bytes - offset));
            if (errno != 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "huge pages refused ({0}), using small ones: enable"
                                + " /sys/kernel/mm/transparent_hugepage/enabled (madvise), or"
                                + " configure hugePages(false)",
                        VirtualMemory.errnoName(errno));
                return;
            }
        }
    }

    /** Gives a run of frames back to the system; it stays readable, as zeros. */
    void giveBack(int frame, int count) {
        long end = address(frame) + ((long) count << pageShift);
        for (long at = address(frame); at < end; at += SLAB_BYTES_MAX) {
            int errno = os.giveBack(at, Math.min(SLAB_BYTES_MAX, end - at));
            if (errno != 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "memory not given back ({0}): frames={1}; it is freed when the process"
                                + " ends",
                        VirtualMemory.errnoName(errno),
                        count);
                return;
            }
        }
    }

    MemorySegment memory() {
        return memory;
    }

    int pageBytes() {
        return 1 << pageShift;
    }

    long address(int frame) {
        return address + ((long) frame << pageShift);
    }

    MemorySegment block(int head, int order) {
        return memory.asSlice((long) head << pageShift, 1L << (pageShift + order));
    }

    /** The frame that holds an address, or NO_FRAME. */
    int frameOf(long at) {
        long offset = at - address;
        return offset >= 0 && offset < memory.byteSize()
                ? (int) (offset >>> pageShift)
                : PageAllocator.NO_FRAME;
    }

    /** The frame in which a segment begins, or NO_FRAME unless all of it is in the region. */
    int frameOf(MemorySegment segment) {
        if (!segment.isNative()) {
            return PageAllocator.NO_FRAME;
        }
        long room = memory.byteSize() - (segment.address() - address);
        return segment.byteSize() <= room ? frameOf(segment.address()) : PageAllocator.NO_FRAME;
    }

    @Override
    public String toString() {
        return "Region[frames=" + frameCount + ", pageBytes=" + pageBytes() + "]";
    }
}
