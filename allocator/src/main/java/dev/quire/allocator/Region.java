package dev.quire.allocator;

import dev.quire.allocator.os.VirtualMemory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The frames' memory: one contiguous reservation, and the arithmetic between frames and addresses.
 */
final class Region {
    private static final System.Logger LOG = System.getLogger(Region.class.getName());

    private final VirtualMemory os;
    private final MemorySegment memory;
    private final RegionInfo info;
    private final long address;
    private volatile boolean locked;
    private final int pageShift;
    private final int frameCount;
    private final List<Slab> slabs;

    private Region(VirtualMemory os, MemorySegment memory, RegionInfo info, int pageBytes) {
        this.os = os;
        this.memory = memory;
        this.info = info;
        this.address = memory.address();
        this.locked = info.locked();
        this.pageShift = Integer.numberOfTrailingZeros(pageBytes);
        this.frameCount = (int) (memory.byteSize() >>> pageShift);
        this.slabs = cut();
    }

    static Region reserve(AllocatorConfig config) {
        RegionSetup setup = new RegionSetup(VirtualMemory.open(), config);
        MemorySegment memory = setup.reserve();
        return new Region(setup.os(), memory, setup.info(), config.pageBytes());
    }

    private List<Slab> cut() {
        List<Slab> all = new ArrayList<>();
        int length = (int) (Slab.BYTES_MAX >>> pageShift);
        for (long first = 0; first < frameCount; first += length) {
            int count = (int) Math.min(length, frameCount - first);
            all.add(new Slab(this, all.size(), (int) first, count));
        }
        return List.copyOf(all);
    }

    // ---- give back: Slab.Idle's, and the end's

    /** As {@link Slab.Idle#giveBack}, whose call this is. */
    boolean giveBack(int frame, int count) {
        // Whole pages of the system only; what is behind the last frame is the region's own.
        long unit = info.hugetlb() ? VirtualMemory.HUGE_BYTES : os.pageBytes();
        boolean last = frame + count == frameCount;
        long start = roundUp(address(frame), unit);
        long behind = address(frame + count);
        long end = last ? roundUp(behind, unit) : behind & -unit;
        int errno = start >= end ? 0 : giveBackPages(start, end - start);
        if (errno != 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "memory not given back ({0}): frames={1}; {2}",
                    VirtualMemory.errnoName(errno),
                    count,
                    info.locked()
                            ? "locked memory needs Linux 5.18, or configure mlock(OFF)"
                            : "it is freed when the process ends");
        }
        return errno == 0;
    }

    private int giveBackPages(long start, long bytes) {
        if (info.hugetlb()) {
            return os.giveBackHugetlb(start, bytes);
        }
        return locked ? os.giveBackLocked(start, bytes) : os.giveBack(start, bytes);
    }

    /** At the end: what is still held may be swapped out, and no longer counts as locked. */
    void unlock() {
        if (info.locked() && !info.hugetlb()) {
            os.unlock(address, memory.byteSize());
            locked = false;
        }
    }

    /** How much of some frames' memory is there. */
    long residentBytes(int frame, int count) {
        return os.residentBytes(address(frame), (long) count << pageShift);
    }

    // ---- look

    List<Slab> slabs() {
        return slabs;
    }

    RegionInfo info() {
        return info;
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

    MemorySegment frames(int frame, int count) {
        return memory.asSlice((long) frame << pageShift, (long) count << pageShift);
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

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) & -unit;
    }

    @Override
    public String toString() {
        return "Region[frames=" + frameCount + ", pageBytes=" + pageBytes() + "]";
    }
}
