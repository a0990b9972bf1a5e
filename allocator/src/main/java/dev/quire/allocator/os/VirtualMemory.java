package dev.quire.allocator.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * Reserves address space and gives advice about it: mmap, munmap and madvise, with errno.
 *
 * <p>Nothing here is called on a hot path. Thread-safe.
 */
public final class VirtualMemory {
    /** Reservations begin at a multiple of this: the size of a huge page on x86-64 and AArch64. */
    public static final long HUGE_BYTES = 2L << 20;

    // <sys/mman.h>, the same on Linux for x86-64 and AArch64.
    private static final int PROT_READ_WRITE = 0x1 | 0x2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x2 | 0x20 | 0x4000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final long MAP_FAILED = -1L;

    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final MethodHandle mmap;
    private final MethodHandle munmap;
    private final MethodHandle madvise;

    private VirtualMemory(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise) {
        this.mmap = mmap;
        this.munmap = munmap;
        this.madvise = madvise;
    }

    /**
     * Binds the system's calls.
     *
     * @return the operating system's memory
     * @throws IllegalStateException when this is not Linux, or native access is denied to the
     *     module
     */
    @SuppressWarnings("restricted") // This package is the allocator's one native place.
    public static VirtualMemory open() {
        String os = System.getProperty("os.name", "unknown");
        if (!os.toLowerCase(Locale.ROOT).contains("linux")) {
            throw new IllegalStateException("the allocator needs Linux: os.name=" + os);
        }
        try {
            return new VirtualMemory(
                    bind(
                            "mmap",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG)),
                    bind(
                            "munmap",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG)),
                    bind(
                            "madvise",
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT)));
        } catch (IllegalCallerException e) {
            throw new IllegalStateException(
                    "the allocator needs native access: start java with"
                        + " --enable-native-access=dev.quire.allocator (ALL-UNNAMED on the class"
                        + " path)",
                    e);
        }
    }

    @SuppressWarnings("restricted") // As open().
    private static MethodHandle bind(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                type,
                Linker.Option.captureCallState("errno"));
    }

    /**
     * Reserves zeroed, readable and writable memory that costs nothing until it is touched. Nobody
     * unmaps it: it belongs to the global scope.
     *
     * @param bytes how much, at least 1
     * @return a segment of exactly that size, at a multiple of {@link #HUGE_BYTES}
     * @throws IllegalStateException when the system refuses, with errno and the cure
     */
    @SuppressWarnings("restricted") // As open().
    public MemorySegment reserve(long bytes) {
        long length = roundUp(bytes);
        // One huge page more than wanted, so that an aligned start can be cut out of it.
        long mapped = map(length + HUGE_BYTES);
        long start = roundUp(mapped);
        unmap(mapped, start - mapped);
        unmap(start + length, mapped + HUGE_BYTES - start);
        return MemorySegment.ofAddress(start).reinterpret(bytes);
    }

    /**
     * Asks for huge pages.
     *
     * @param address start, a multiple of {@link #HUGE_BYTES}
     * @param bytes how much
     * @return 0 or errno
     */
    public int adviseHugePages(long address, long bytes) {
        return advise(address, bytes, MADV_HUGEPAGE);
    }

    /**
     * Gives memory back to the system; the addresses stay readable and writable, and read as zero.
     *
     * @param address start, a multiple of the system's page size
     * @param bytes how much
     * @return 0 or errno
     */
    public int giveBack(long address, long bytes) {
        return advise(address, bytes, MADV_DONTNEED);
    }

    private long map(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            long address =
                    (long)
                            mmap.invokeExact(
                                    state,
                                    0L,
                                    bytes,
                                    PROT_READ_WRITE,
                                    MAP_PRIVATE_ANONYMOUS_NORESERVE,
                                    -1,
                                    0L);
            if (address == MAP_FAILED) {
                throw refused(bytes, (int) ERRNO.get(state, 0L));
            }
            return address;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }

    private void unmap(long address, long bytes) {
        if (bytes == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int result = (int) munmap.invokeExact(state, address, bytes);
            if (result != 0) {
                // The kernel could not split its mapping: a few unused addresses stay reserved.
                System.getLogger(VirtualMemory.class.getName())
                        .log(
                                System.Logger.Level.DEBUG,
                                "munmap refused ({0}): bytes={1}",
                                errnoName((int) ERRNO.get(state, 0L)),
                                bytes);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }

    private int advise(long address, long bytes, int advice) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CAPTURED);
            int result = (int) madvise.invokeExact(state, address, bytes, advice);
            return result == 0 ? 0 : (int) ERRNO.get(state, 0L);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing checked", e);
        }
    }

    /**
     * The name of an error number, for messages.
     *
     * @param errno an error number of mmap, munmap or madvise
     * @return for example {@code ENOMEM}, or {@code errno 95}
     */
    public static String errnoName(int errno) {
        return switch (errno) {
            case 1 -> "EPERM";
            case 9 -> "EBADF";
            case 11 -> "EAGAIN";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 22 -> "EINVAL";
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
