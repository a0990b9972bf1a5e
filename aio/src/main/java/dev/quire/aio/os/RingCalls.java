package dev.quire.aio.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls behind a ring. Every one answers its result, or minus the error number.
 *
 * <p>None is a critical downcall: {@link #enter} sleeps.
 */
@SuppressWarnings("restricted") // this package is the one island of native calls
final class RingCalls {
    static final int ENTER_GETEVENTS = 1;
    static final int ENTER_SQ_WAKEUP = 1 << 1;
    static final int ENTER_SQ_WAIT = 1 << 2;
    static final int ENTER_EXT_ARG = 1 << 3;
    static final int ENTER_REGISTERED_RING = 1 << 4;
    static final int REGISTER_FILES = 2;
    static final int REGISTER_FILES_UPDATE = 6;
    static final int REGISTER_PROBE = 8;
    static final int REGISTER_FILES2 = 13;
    static final int REGISTER_BUFFERS2 = 15;
    static final int REGISTER_BUFFERS_UPDATE = 16;
    static final int REGISTER_RING_FDS = 20;
    static final int UNREGISTER_RING_FDS = 21;

    static final long OFFSET_RINGS = 0;
    static final long OFFSET_ENTRIES = 0x1000_0000;

    // The same on every processor of this module.
    private static final long SETUP = 425;
    private static final long ENTER = 426;
    private static final long REGISTER = 427;

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_POPULATE = 0x8001;
    private static final int EFD_CLOEXEC = 0x80000;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(1);

    private static final MethodHandle SYSCALL_2 =
            handle("syscall", of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS), VARIADIC);
    private static final MethodHandle SYSCALL_4 =
            handle(
                    "syscall",
                    of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
                    VARIADIC);
    private static final MethodHandle SYSCALL_6 =
            handle(
                    "syscall",
                    of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG, JAVA_LONG),
                    VARIADIC);
    private static final MethodHandle MMAP =
            handle(
                    "mmap",
                    of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = handle("munmap", of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle EVENTFD = handle("eventfd", of(JAVA_INT, JAVA_INT, JAVA_INT));
    // Without its errno, for which each thread would need memory: any thread comes by here, new
    // virtual ones too.
    private static final MethodHandle WRITE =
            LINKER.downcallHandle(symbol("write"), of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    private RingCalls() {}

    /** Makes a ring; answers its descriptor. */
    static int setup(int entries, MemorySegment params) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long fd =
                    (long) SYSCALL_2.invokeExact(scratch.capture(), SETUP, (long) entries, params);
            return fd < 0 ? -scratch.errno() : (int) fd;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Submits entries and waits for events; answers how many entries the kernel took. */
    static int enter(int fd, int submit, int minComplete, int flags, long argument, int bytes) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long taken =
                    (long)
                            SYSCALL_6.invokeExact(
                                    scratch.capture(),
                                    ENTER,
                                    (long) fd,
                                    (long) submit,
                                    (long) minComplete,
                                    (long) flags,
                                    argument,
                                    (long) bytes);
            return taken < 0 ? -scratch.errno() : (int) taken;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int register(int fd, int opcode, MemorySegment argument, int count) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long answer =
                    (long)
                            SYSCALL_4.invokeExact(
                                    scratch.capture(),
                                    REGISTER,
                                    (long) fd,
                                    (long) opcode,
                                    argument,
                                    (long) count);
            return answer < 0 ? -scratch.errno() : (int) answer;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Maps a part of a ring; answers its address. */
    static long map(int fd, long bytes, long offset) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long address =
                    (long)
                            MMAP.invokeExact(
                                    scratch.capture(),
                                    0L,
                                    bytes,
                                    PROT_READ_WRITE,
                                    MAP_SHARED_POPULATE,
                                    fd,
                                    offset);
            return address == -1 ? -scratch.errno() : address;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** The memory of a mapping; using it after {@link #unmap} is fatal. */
    static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    /** Unmaps a part of a ring; what is refused stays mapped, of use to nobody. */
    static void unmap(MemorySegment mapping) {
        NativeScratch scratch = NativeScratch.current();
        try {
            int answer =
                    (int)
                            MUNMAP.invokeExact(
                                    scratch.capture(), mapping.address(), mapping.byteSize());
            if (answer < 0) {
                System.getLogger(RingCalls.class.getName())
                        .log(
                                System.Logger.Level.DEBUG,
                                "munmap refused ({0}): {1}",
                                Errno.name(scratch.errno()),
                                mapping);
            }
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int eventFd() {
        NativeScratch scratch = NativeScratch.current();
        try {
            int fd = (int) EVENTFD.invokeExact(scratch.capture(), 0, EFD_CLOEXEC);
            return fd < 0 ? -scratch.errno() : fd;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Writes; answers the bytes written, or -1. Needs no memory of the calling thread. */
    static long write(int fd, MemorySegment bytes) {
        try {
            return (long) WRITE.invokeExact(fd, bytes, bytes.byteSize());
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static FunctionDescriptor of(MemoryLayout result, MemoryLayout... parameters) {
        return FunctionDescriptor.of(result, parameters);
    }

    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... more) {
        Linker.Option[] options = new Linker.Option[more.length + 1];
        options[0] = ERRNO;
        System.arraycopy(more, 0, options, 1, more.length);
        return LINKER.downcallHandle(symbol(name), descriptor, options);
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("no C library symbol: " + name));
    }

    private static Error unexpected(Throwable t) {
        // A downcall itself throws nothing checked; what arrives is an Error or a wrong argument.
        return t instanceof Error error ? error : new AssertionError("system call failed", t);
    }
}
