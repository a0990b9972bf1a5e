package dev.quire.aio.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;

/**
 * The file system calls of Linux. Every one answers its result, or minus the error number.
 *
 * <p>Memory is passed by address: its owner promises that it lives until the call returns. A call
 * may sleep, so a virtual thread that came here would hold its carrier; callers see to that.
 */
@SuppressWarnings("restricted") // this package is the one island of native calls
public final class Posix {
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int CREATE_MODE = 0666;
    private static final int SEEK_END = 2;
    private static final int RWF_NOWAIT = 8;
    private static final int RWF_DSYNC = 2;
    // struct statfs: 0 long f_type; longer than any of the module's platforms has it.
    private static final int STATFS_BYTES = 256;
    private static final long TMPFS_TYPE = 0x01021994;
    private static final long RAMFS_TYPE = 0x858458f6L;
    private static final int FALLOC_PUNCH_HOLE_KEEP_SIZE = 3;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private static final MethodHandle OPEN =
            handle(
                    "open",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final FunctionDescriptor TRANSFER =
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PREAD = handle("pread", TRANSFER);
    private static final MethodHandle PWRITE = handle("pwrite", TRANSFER);
    private static final FunctionDescriptor VECTOR =
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PREADV = handle("preadv", VECTOR);
    private static final MethodHandle PWRITEV = handle("pwritev", VECTOR);
    private static final @Nullable MethodHandle PREADV2 =
            optional(
                    "preadv2",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
    // A C library may be without it; the system call is in every kernel that this module meets.
    private static final @Nullable MethodHandle PWRITEV2 =
            optional(
                    "pwritev2",
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FALLOCATE =
            handle(
                    "fallocate",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle FSTATFS =
            handle("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle FSYNC =
            handle("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FDATASYNC =
            handle("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            handle("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle LSEEK =
            handle("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle STATX =
            handle(
                    "statx",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

    private Posix() {}

    /**
     * Opens a file; a created one gets mode 0666 less the umask.
     *
     * @param path the path, in the platform's encoding when it is written out
     * @param flags see {@link OpenFlags}
     * @return descriptor, or minus the error number
     */
    public static int open(String path, int flags) {
        NativeScratch scratch = NativeScratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path, pathCharset());
            int fd = (int) OPEN.invokeExact(scratch.capture(), name, flags, CREATE_MODE);
            return fd < 0 ? -scratch.errno() : fd;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Closes a descriptor. Never repeat it: on Linux the descriptor is gone even after an error.
     *
     * @param fd descriptor
     * @return 0, or minus the error number
     */
    public static int close(int fd) {
        return call(CLOSE, fd);
    }

    /**
     * Reads at a position.
     *
     * @param fd descriptor
     * @param address memory to fill
     * @param bytes length in bytes
     * @param position offset in the file in bytes
     * @return bytes read, 0 at the end of the file, or minus the error number
     */
    public static long pread(int fd, long address, long bytes, long position) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long n = (long) PREAD.invokeExact(scratch.capture(), fd, address, bytes, position);
            return n < 0 ? -scratch.errno() : n;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Writes at a position.
     *
     * @param fd descriptor
     * @param address memory to write from
     * @param bytes length in bytes
     * @param position offset in the file in bytes
     * @return bytes written, possibly fewer than asked, or minus the error number
     */
    public static long pwrite(int fd, long address, long bytes, long position) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long n = (long) PWRITE.invokeExact(scratch.capture(), fd, address, bytes, position);
            return n < 0 ? -scratch.errno() : n;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Reads into the vector of a scratch.
     *
     * @param scratch the calling thread's scratch, with its vector filled
     * @param fd descriptor
     * @param position offset in the file in bytes
     * @return bytes read, 0 at the end of the file, or minus the error number
     */
    public static long preadv(NativeScratch scratch, int fd, long position) {
        try {
            long n =
                    (long)
                            PREADV.invokeExact(
                                    scratch.capture(),
                                    fd,
                                    scratch.vector().memory(),
                                    scratch.vector().count(),
                                    position);
            return n < 0 ? -scratch.errno() : n;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Writes from the vector of a scratch.
     *
     * @param scratch the calling thread's scratch, with its vector filled
     * @param fd descriptor
     * @param position offset in the file in bytes
     * @return bytes written, possibly fewer than asked, or minus the error number
     */
    public static long pwritev(NativeScratch scratch, int fd, long position) {
        try {
            long n =
                    (long)
                            PWRITEV.invokeExact(
                                    scratch.capture(),
                                    fd,
                                    scratch.vector().memory(),
                                    scratch.vector().count(),
                                    position);
            return n < 0 ? -scratch.errno() : n;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Whether the kernel can begin a transfer of this file without waiting for its end. It asks the
     * file by a read of one byte far beyond its end, for which no device is needed; a file that is
     * not to be read cannot be asked that way, and is known by its file system.
     *
     * @param fd descriptor
     * @return false when it cannot; true when it can, or when the C library has no such call
     */
    public static boolean canReadWithoutBlocking(int fd) {
        MethodHandle call = PREADV2;
        if (call == null) {
            return true;
        }
        NativeScratch scratch = NativeScratch.current();
        IoVector vector = scratch.vector();
        vector.clear();
        vector.add(scratch.capture().address(), 1);
        try {
            long n =
                    (long)
                            call.invokeExact(
                                    scratch.capture(),
                                    fd,
                                    vector.memory(),
                                    1,
                                    Long.MAX_VALUE - 1,
                                    RWF_NOWAIT);
            if (n < 0 && scratch.errno() == Errno.EBADF) {
                return !isInMemory(fd);
            }
            return n >= 0 || scratch.errno() != Errno.EOPNOTSUPP;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Writes from the vector of a scratch; what was written is durable before it returns.
     *
     * @param scratch the calling thread's scratch, with its vector filled
     * @param fd descriptor
     * @param position offset in the file in bytes
     * @return bytes written, possibly fewer than asked, or minus the error number; EOPNOTSUPP when
     *     the C library or the kernel has no such call
     */
    public static long pwritevDataSync(NativeScratch scratch, int fd, long position) {
        MethodHandle call = PWRITEV2;
        if (call == null) {
            return -Errno.EOPNOTSUPP;
        }
        try {
            long n =
                    (long)
                            call.invokeExact(
                                    scratch.capture(),
                                    fd,
                                    scratch.vector().memory(),
                                    scratch.vector().count(),
                                    position,
                                    RWF_DSYNC);
            return n < 0 ? -scratch.errno() : n;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Whether a write can be durable by itself.
     *
     * @return false when {@link #pwritevDataSync} never works
     */
    public static boolean hasDataSyncWrites() {
        return PWRITEV2 != null;
    }

    /**
     * Gives space to a range of a file, which grows when it ended before; what it held stays.
     *
     * @param fd descriptor
     * @param position offset of the range in bytes
     * @param bytes its length in bytes, more than 0
     * @return 0, or minus the error number
     */
    public static int allocate(int fd, long position, long bytes) {
        return fallocate(fd, 0, position, bytes);
    }

    /**
     * Takes the space of a range of a file back; it reads as zeros then, the length stays.
     *
     * @param fd descriptor
     * @param position offset of the range in bytes
     * @param bytes its length in bytes, more than 0
     * @return 0, or minus the error number
     */
    public static int punchHole(int fd, long position, long bytes) {
        return fallocate(fd, FALLOC_PUNCH_HOLE_KEEP_SIZE, position, bytes);
    }

    /**
     * Makes data and all metadata of a file durable.
     *
     * @param fd descriptor
     * @return 0, or minus the error number
     */
    public static int fsync(int fd) {
        return call(FSYNC, fd);
    }

    /**
     * Makes data of a file durable, and what metadata is needed to find it again.
     *
     * @param fd descriptor
     * @return 0, or minus the error number
     */
    public static int fdatasync(int fd) {
        return call(FDATASYNC, fd);
    }

    /**
     * Sets the length of a file; growth is a hole.
     *
     * @param fd descriptor
     * @param bytes new length in bytes
     * @return 0, or minus the error number
     */
    public static int ftruncate(int fd, long bytes) {
        NativeScratch scratch = NativeScratch.current();
        try {
            int answer = (int) FTRUNCATE.invokeExact(scratch.capture(), fd, bytes);
            return answer < 0 ? -scratch.errno() : answer;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Length of a file or a block device. Moves the descriptor's file offset, which nothing here
     * uses.
     *
     * @param fd descriptor
     * @return length in bytes, or minus the error number
     */
    public static long sizeBytes(int fd) {
        NativeScratch scratch = NativeScratch.current();
        try {
            long size = (long) LSEEK.invokeExact(scratch.capture(), fd, 0L, SEEK_END);
            return size < 0 ? -scratch.errno() : size;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Fills a {@code struct statx} for an open file.
     *
     * @param fd descriptor
     * @param mask what is asked for
     * @param buffer the structure, {@link Statx#BYTES} long
     * @return 0, or minus the error number
     */
    static int statx(int fd, int mask, MemorySegment buffer) {
        NativeScratch scratch = NativeScratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocateFrom("");
            int answer =
                    (int)
                            STATX.invokeExact(
                                    scratch.capture(), fd, empty, AT_EMPTY_PATH, mask, buffer);
            return answer < 0 ? -scratch.errno() : answer;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Whether a file is of a file system that has no device. */
    private static boolean isInMemory(int fd) {
        NativeScratch scratch = NativeScratch.current();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATFS_BYTES, Long.BYTES);
            int answer = (int) FSTATFS.invokeExact(scratch.capture(), fd, status);
            long type = status.get(JAVA_LONG, 0);
            return answer == 0 && (type == TMPFS_TYPE || type == RAMFS_TYPE);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static int fallocate(int fd, int mode, long position, long bytes) {
        NativeScratch scratch = NativeScratch.current();
        try {
            int answer = (int) FALLOCATE.invokeExact(scratch.capture(), fd, mode, position, bytes);
            return answer < 0 ? -scratch.errno() : answer;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static int call(MethodHandle handle, int fd) {
        NativeScratch scratch = NativeScratch.current();
        try {
            int answer = (int) handle.invokeExact(scratch.capture(), fd);
            return answer < 0 ? -scratch.errno() : answer;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static MethodHandle handle(
            String name, FunctionDescriptor descriptor, Linker.Option... more) {
        Linker.Option[] options = new Linker.Option[more.length + 1];
        options[0] = ERRNO;
        System.arraycopy(more, 0, options, 1, more.length);
        MemorySegment symbol =
                LINKER.defaultLookup()
                        .find(name)
                        .orElseThrow(
                                () -> new UnsatisfiedLinkError("no C library symbol: " + name));
        return LINKER.downcallHandle(symbol, descriptor, options);
    }

    private static @Nullable MethodHandle optional(String name, FunctionDescriptor descriptor) {
        return LINKER.defaultLookup()
                .find(name)
                .map(symbol -> LINKER.downcallHandle(symbol, descriptor, ERRNO))
                .orElse(null);
    }

    private static Charset pathCharset() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }

    private static Error unexpected(Throwable t) {
        // A downcall itself throws nothing checked; what arrives is an Error or a wrong argument.
        return t instanceof Error error ? error : new AssertionError("system call failed", t);
    }
}
