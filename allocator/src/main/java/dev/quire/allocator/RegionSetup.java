package dev.quire.allocator;

import dev.quire.allocator.os.HugePages;
import dev.quire.allocator.os.VirtualMemory;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * Makes a region's memory: reserves it, then applies the options about it. A refused one is a
 * warning if it was wanted, and the end of the region if it was required.
 */
final class RegionSetup {
    private static final System.Logger LOG = System.getLogger(RegionSetup.class.getName());

    private final VirtualMemory os;
    private final AllocatorConfig config;
    private final long bytes;

    private boolean hugePages;
    private boolean hugetlb;
    private boolean locked;
    private boolean prefaulted;

    RegionSetup(VirtualMemory os, AllocatorConfig config) {
        this.os = os;
        this.config = config;
        bytes = (long) config.capacityFrames() * config.pageBytes();
    }

    /**
     * The memory, ready for use.
     *
     * @throws IllegalStateException when the system refuses it, or a required option
     */
    MemorySegment reserve() {
        MemorySegment pool = reserveHugetlb();
        MemorySegment memory = pool != null ? pool : os.reserve(bytes);
        if (pool == null) {
            try {
                // Advice before anything is touched, or small pages would be there already.
                adviseHugePages(memory.address());
                lock(memory.address());
                prefault(memory.address());
            } catch (RuntimeException | Error e) {
                os.release(memory);
                throw e;
            }
        }
        return memory;
    }

    VirtualMemory os() {
        return os;
    }

    RegionInfo info() {
        return new RegionInfo(bytes, hugePages, hugetlb, locked, prefaulted);
    }

    /** Huge pages of the pool need no other option: they are there, and stay. */
    private @Nullable MemorySegment reserveHugetlb() {
        if (config.hugetlb() == MemoryOption.OFF) {
            return null;
        }
        MemorySegment memory = os.reserveHugetlb(bytes);
        if (memory == null) {
            long pages = Math.ceilDiv(bytes, VirtualMemory.HUGE_BYTES);
            refused(
                    config.hugetlb(),
                    "hugetlb memory refused: pages of 2 MiB="
                            + pages
                            + ", "
                            + HugePages.pool()
                            + "; raise vm.nr_hugepages by "
                            + pages
                            + ", or configure hugetlb(OFF)");
            return null;
        }
        hugetlb = true;
        locked = true;
        prefaulted = true;
        return memory;
    }

    private void adviseHugePages(long address) {
        // Whole huge pages only: advice for a part would make a small region cost a huge page.
        long whole = bytes & -VirtualMemory.HUGE_BYTES;
        if (config.hugePages() == MemoryOption.OFF || whole == 0) {
            return;
        }
        int errno = os.adviseHugePages(address, whole);
        hugePages = errno == 0 && HugePages.adviceIsHeeded();
        if (!hugePages) {
            refused(
                    config.hugePages(),
                    "transparent huge pages refused ("
                            + (errno == 0 ? "never" : VirtualMemory.errnoName(errno))
                            + "): bytes="
                            + whole
                            + "; write madvise to /sys/kernel/mm/transparent_hugepage/enabled, or"
                            + " configure hugePages(OFF)");
        }
    }

    private void lock(long address) {
        if (config.mlock() == MemoryOption.OFF) {
            return;
        }
        int errno = os.lock(address, bytes);
        locked = errno == 0;
        if (!locked) {
            long limit = os.lockLimitBytes();
            refused(
                    config.mlock(),
                    "mlock refused ("
                            + VirtualMemory.errnoName(errno)
                            + "): bytes="
                            + bytes
                            + ", RLIMIT_MEMLOCK="
                            + (limit == VirtualMemory.UNLIMITED ? "unlimited" : limit)
                            + "; raise it (ulimit -l "
                            + Math.ceilDiv(bytes, 1024L)
                            + ", LimitMEMLOCK=), grant CAP_IPC_LOCK, or configure mlock(OFF)");
        }
    }

    private void prefault(long address) {
        if (config.prefault() == MemoryOption.OFF) {
            return;
        }
        int errno = 0;
        for (long at = 0; at < bytes && errno == 0; at += Slab.BYTES_MAX) {
            errno = os.populate(address + at, Math.min(Slab.BYTES_MAX, bytes - at));
        }
        prefaulted = errno == 0;
        if (!prefaulted) {
            refused(
                    config.prefault(),
                    "prefault refused ("
                            + VirtualMemory.errnoName(errno)
                            + "): bytes="
                            + bytes
                            + "; a smaller capacity, more memory, or prefault(OFF) helps");
        }
    }

    private static void refused(MemoryOption option, String text) {
        if (option == MemoryOption.REQUIRED) {
            throw new IllegalStateException(text);
        }
        // As an argument: the text is no pattern.
        LOG.log(System.Logger.Level.WARNING, "{0}", text);
    }
}
