package dev.quire.allocator.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Reserves address space, gives advice about it and locks it: mmap, munmap, madvise, mlock2,
 * mincore, getrlimit, with errno.
 *
 * <p>Nothing here is called on a hot path. Thread-safe.
 */
public final class VirtualMemory {
    /** Reservations begin at a multiple of this: the size of a huge page on x86-64 and AArch64. */
    public static final long HUGE_BYTES = 2L << 20;

    /** The limit of a process that has none. */
    public static final long UNLIMITED = -1;

    // <sys/mman.h> and <sys/resource.h>, the same on Linux for x86-64 and AArch64.
    private static final int PROT_READ_WRITE = 0x1 | 0x2;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x2 | 0x20;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MAP_HUGETLB_2MB = 0x40000 | 21 << 26;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int MADV_DONTNEED_LOCKED = 24;
    private static final int MLOCK_ONFAULT = 1;
    private static final int RLIMIT_MEMLOCK = 8;
    private static final int EINVAL = 22;

    private final NativeCall mmap =
            NativeCall.bind(
                    "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                    JAVA_LONG);
    private final NativeCall munmap = NativeCall.bind("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private final NativeCall madvise =
            NativeCall.bind("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private final NativeCall mlock2 =
            NativeCall.bind("mlock2", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private final NativeCall munlock = NativeCall.bind("munlock", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private final NativeCall mincore =
            NativeCall.bind("mincore", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private final NativeCall getrlimit =
            NativeCall.bind("getrlimit", JAVA_INT, JAVA_INT, JAVA_LONG);
    private final int pageBytes = askPageBytes();

    private VirtualMemory() {}

    /**
     * Binds the system's calls.
     *
     * @return the operating system's memory
     * @throws IllegalStateException when this is not Linux, or native access is denied to the
     *     module
     */
    public static VirtualMemory open() {
        String os = System.getProperty("os.name", "unknown");
        if (!os.toLowerCase(Locale.ROOT).contains("linux")) {
            throw new IllegalStateException("the allocator needs Linux: os.name=" + os);
        }
        try {
            return new VirtualMemory();
        } catch (IllegalCallerException e) {
            throw new IllegalStateException(
                    "the allocator needs native access: start java with"
                            + " --enable-native-access=dev.quire.allocator (ALL-UNNAMED on the"
                            + " class path)",
                    e);
        }
    }

    // ---- map

    /**
     * Reserves zeroed, readable and writable memory that costs nothing until it is touched. Nobody
     * unmaps it: it belongs to the global scope.
     *
     * @param bytes how much, at least 1
     * @return a segment of exactly that size, at a multiple of {@link #HUGE_BYTES}; up to the next
     *     multiple, the addresses behind it are its own as well
     * @throws IllegalStateException when the system refuses, with errno and the cure
     */
    public MemorySegment reserve(long bytes) {
        long length = roundUp(bytes);
        // One huge page more than wanted, so that an aligned start can be cut out of it.
        long mapped = map(0, length + HUGE_BYTES, MAP_NORESERVE);
        if (mapped < 0) {
            throw refused(length + HUGE_BYTES, (int) -mapped);
        }
        long start = roundUp(mapped);
        unmap(mapped, start - mapped);
        unmap(start + length, mapped + HUGE_BYTES - start);
        return segment(start, bytes);
    }

    /**
     * Reserves memory that consists of huge pages of {@link #HUGE_BYTES}, all of them taken from
     * the system's pool at once, and populated: a huge page that cannot be had later would kill the
     * process when it is touched.
     *
     * @param bytes how much, at least 1
     * @return as {@link #reserve}; or null when the pool does not have them
     */
    public @Nullable MemorySegment reserveHugetlb(long bytes) {
        long length = roundUp(bytes);
        // Without MAP_NORESERVE: the pool says now whether it has enough.
        long start = map(0, length, MAP_HUGETLB_2MB);
        if (start < 0) {
            return null;
        }
        if (populate(start, length) != 0) {
            unmap(start, length);
            return null;
        }
        return segment(start, bytes);
    }

    /**
     * Unmaps a reservation of which nobody knows yet.
     *
     * @param memory what was reserved
     */
    public void release(MemorySegment memory) {
        unmap(memory.address(), roundUp(memory.byteSize()));
    }

    /**
     * Binds memory of the global scope to an arena.
     *
     * @param memory native memory
     * @param arena whose lifetime and threads the result has
     * @param cleanup run once, when the arena is closed and nobody can reach the memory any more;
     *     must neither throw nor hold the result
     * @return the same memory, in the arena's scope
     * @throws IllegalStateException when the arena is closed
     * @throws WrongThreadException when it is another thread's
     */
    @SuppressWarnings("restricted") // This package is the allocator's one native place.
    public static MemorySegment bind(
            MemorySegment memory, Arena arena, Consumer<MemorySegment> cleanup) {
        return memory.reinterpret(arena, cleanup);
    }

    @SuppressWarnings("restricted") // As bind().
    private static MemorySegment segment(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    // ---- advise

    /**
     * Asks for transparent huge pages.
     *
     * @param address start, a multiple of {@link #HUGE_BYTES}
     * @param bytes how much
     * @return 0 or errno
     */
    public int adviseHugePages(long address, long bytes) {
        return errno(madvise.call(address, bytes, MADV_HUGEPAGE));
    }

    /**
     * Has the system provide memory now that would be provided when it is touched.
     *
     * @param address start, a multiple of {@link #pageBytes}
     * @param bytes how much
     * @return 0 or errno
     */
    public int populate(long address, long bytes) {
        int errno = errno(madvise.call(address, bytes, MADV_POPULATE_WRITE));
        if (errno == EINVAL) {
            // Linux before 5.14 does not know this advice. What is mapped there now is zero.
            MemorySegment memory = segment(address, bytes);
            for (long at = 0; at < bytes; at += pageBytes) {
                memory.set(JAVA_BYTE, at, (byte) 0);
            }
            return 0;
        }
        return errno;
    }

    /**
     * Gives memory back to the system; the addresses stay readable and writable, and read as zero.
     *
     * @param address start, a multiple of {@link #pageBytes}
     * @param bytes how much
     * @return 0 or errno
     */
    public int giveBack(long address, long bytes) {
        return errno(madvise.call(address, bytes, MADV_DONTNEED));
    }

    /**
     * As {@link #giveBack} for memory that is locked, and stays so when it is touched again.
     *
     * @param address as giveBack
     * @param bytes as giveBack
     * @return 0 or errno: EINVAL before Linux 5.18
     */
    public int giveBackLocked(long address, long bytes) {
        return errno(madvise.call(address, bytes, MADV_DONTNEED_LOCKED));
    }

    /**
     * Gives hugetlb memory back to the system's pool. The addresses stay readable and writable, and
     * read as zero: of ordinary memory from now on. (Advice would leave the pages reserved for this
     * process, of use to nobody.)
     *
     * @param address start, a multiple of {@link #HUGE_BYTES}
     * @param bytes how much, a multiple of it
     * @return 0 or errno
     */
    public int giveBackHugetlb(long address, long bytes) {
        return errno(map(address, bytes, MAP_FIXED | MAP_NORESERVE));
    }

    // ---- lock

    /**
     * Keeps memory from being swapped out. What is not there yet is locked when it is touched.
     *
     * @param address start, a multiple of {@link #pageBytes}
     * @param bytes how much; all of it counts against {@link #lockLimitBytes}
     * @return 0 or errno
     */
    public int lock(long address, long bytes) {
        return errno(mlock2.call(address, bytes, MLOCK_ONFAULT));
    }

    /**
     * Undoes {@link #lock}.
     *
     * @param address as lock
     * @param bytes as lock
     * @return 0 or errno
     */
    public int unlock(long address, long bytes) {
        return errno(munlock.call(address, bytes));
    }

    /**
     * How much memory the process may lock (RLIMIT_MEMLOCK).
     *
     * @return bytes, or {@link #UNLIMITED}
     */
    public long lockLimitBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(JAVA_LONG, 2); // soft, hard
            long result = getrlimit.call(RLIMIT_MEMLOCK, limits.address());
            return result < 0 ? UNLIMITED : limits.get(JAVA_LONG, 0);
        }
    }

    // ---- look

    /**
     * How much of some memory is there, and would be lost by giving it back.
     *
     * @param address start, a multiple of {@link #pageBytes}
     * @param bytes how much, a multiple of it
     * @return 0..bytes
     */
    public long residentBytes(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pages = arena.allocate(bytes / pageBytes);
            long resident = 0;
            if (mincore.call(address, bytes, pages.address()) == 0) {
                for (long page = 0; page < pages.byteSize(); page++) {
                    resident += (pages.get(JAVA_BYTE, page) & 1) * (long) pageBytes;
                }
            }
            return resident;
        }
    }

    /**
     * The system's own page size.
     *
     * @return bytes, a power of two
     */
    public int pageBytes() {
        return pageBytes;
    }

    // ---- calls

    private long map(long address, long bytes, int flags) {
        return mmap.call(address, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS | flags, -1, 0);
    }

    private void unmap(long address, long bytes) {
        int errno = bytes == 0 ? 0 : errno(munmap.call(address, bytes));
        if (errno != 0) {
            // The kernel could not split its mapping: a few unused addresses stay reserved.
            System.getLogger(VirtualMemory.class.getName())
                    .log(
                            System.Logger.Level.DEBUG,
                            "munmap refused ({0}): bytes={1}",
                            errnoName(errno),
                            bytes);
        }
    }

    private static int askPageBytes() {
        long bytes = NativeCall.bind("getpagesize", JAVA_INT).call();
        if (bytes < 0) {
            throw new IllegalStateException(
                    "the system's page size is not known (" + errnoName((int) -bytes) + ")");
        }
        return (int) bytes;
    }

    private static int errno(long result) {
        return result < 0 ? (int) -result : 0;
    }

    /**
     * The name of an error number, for messages.
     *
     * @param errno an error number of the calls made here
     * @return for example {@code ENOMEM}, or {@code errno 95}
     */
    public static String errnoName(int errno) {
        return switch (errno) {
            case 1 -> "EPERM";
            case 9 -> "EBADF";
            case 11 -> "EAGAIN";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 14 -> "EFAULT";
            case EINVAL -> "EINVAL";
            case NativeCall.ENOSYS -> "ENOSYS";
            case 133 -> "EHWPOISON";
            default -> "errno " + errno;
        };
    }

    private static long roundUp(long value) {
        return Math.addExact(value, HUGE_BYTES - 1) & -HUGE_BYTES;
    }

    private static IllegalStateException refused(long bytes, int errno) {
        return new IllegalStateException(
                "address space refused ("
                        + errnoName(errno)
                        + "): bytes="
                        + bytes
                        + "; a smaller capacity, ulimit -v unlimited, or vm.overcommit_memory other"
                        + " than 2 may help");
    }
}
