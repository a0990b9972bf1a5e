package dev.quire.aio;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.FileStatus;
import dev.quire.aio.os.NativeScratch;
import dev.quire.aio.os.OpenFlags;
import dev.quire.aio.os.Posix;
import dev.quire.aio.os.Statx;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/** A file behind a Linux file descriptor. */
final class NativeFile implements RawFile {
    private static final LinkOption[] FOLLOW = {};

    private final Path path;
    private final int fd;
    private final boolean direct;
    private final boolean nonBlocking;
    private final FileStatus status;

    private NativeFile(Path path, int fd, boolean direct, FileStatus status) {
        this.path = path;
        this.fd = fd;
        this.direct = direct;
        nonBlocking = Posix.canReadWithoutBlocking(fd);
        this.status = status;
    }

    /** Opens a file on the calling thread; for a virtual one, on one of the engine's. */
    static RawFile open(Path path, OpenMode mode, IoWorkers workers) throws IoException {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            throw new IllegalArgumentException(
                    "path must be of the default file system: path="
                            + path
                            + ", fileSystem="
                            + path.getFileSystem());
        }
        if (!Thread.currentThread().isVirtual()) {
            return open(path, mode);
        }
        RawFile[] opened = new RawFile[1];
        workers.call(
                IoOperation.OPEN,
                path,
                () -> {
                    opened[0] = open(path, mode);
                    return 0;
                });
        return opened[0];
    }

    private static NativeFile open(Path path, OpenMode mode) throws IoException {
        int fd = Posix.open(path.toString(), flags(mode));
        if (fd < 0) {
            throw openFailed(path, mode, -fd);
        }
        try {
            FileStatus[] status = new FileStatus[1];
            int answer = Statx.of(fd, status);
            int refused = answer < 0 ? -answer : refusedKind(status[0]);
            if (refused != Errno.NONE) {
                throw openFailed(path, mode, refused);
            }
            return new NativeFile(path, fd, mode.direct(), status[0]);
        } catch (IoException | RuntimeException | Error e) { // refused, or no native memory
            Posix.close(fd);
            throw e;
        }
    }

    @Override
    public long read(MemorySegment segment, long offset, long bytes, long position) {
        try {
            return Posix.pread(fd, segment.address() + offset, bytes, position);
        } finally {
            Reference.reachabilityFence(segment);
        }
    }

    @Override
    public long write(
            MemorySegment segment, long offset, long bytes, long position, boolean dataSync)
            throws IoException {
        try {
            if (dataSync) {
                NativeScratch scratch = NativeScratch.current();
                scratch.vector().clear();
                scratch.vector().add(segment.address() + offset, bytes);
                return writeDataSync(scratch, position);
            }
            return Posix.pwrite(fd, segment.address() + offset, bytes, position);
        } finally {
            Reference.reachabilityFence(segment);
        }
    }

    @Override
    public long readVector(
            MemorySegment[] segments, int from, int count, long skip, long position) {
        try {
            return Posix.preadv(vector(segments, from, count, skip), fd, position);
        } finally {
            Reference.reachabilityFence(segments);
        }
    }

    @Override
    public long writeVector(
            MemorySegment[] segments,
            int from,
            int count,
            long skip,
            long position,
            boolean dataSync)
            throws IoException {
        try {
            NativeScratch scratch = vector(segments, from, count, skip);
            return dataSync
                    ? writeDataSync(scratch, position)
                    : Posix.pwritev(scratch, fd, position);
        } finally {
            Reference.reachabilityFence(segments);
        }
    }

    @Override
    public void sync(boolean metadata) throws IoException {
        check(metadata ? "sync" : "syncData", metadata ? Posix.fsync(fd) : Posix.fdatasync(fd));
    }

    @Override
    public void syncDirectory() throws IoException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null) {
            return;
        }
        int directoryFd = Posix.open(directory.toString(), OpenFlags.RDONLY | OpenFlags.CLOEXEC);
        if (directoryFd < 0) {
            throw OpenMode.directoryFailed(directory, -directoryFd, null);
        }
        int answer = Posix.fsync(directoryFd);
        Posix.close(directoryFd);
        // EINVAL: this file system has no sync of directories, so there is nothing to wait for.
        if (answer < 0 && answer != -Errno.EINVAL) {
            throw new IoException("sync", directory, -1, -1, -answer, null);
        }
    }

    @Override
    public long sizeBytes() throws IoException {
        return check("size", Posix.sizeBytes(fd));
    }

    @Override
    public void truncate(long bytes) throws IoException {
        retry("truncate", -1, bytes, () -> Posix.ftruncate(fd, bytes));
    }

    @Override
    public void allocate(long position, long bytes) throws IoException {
        retry("allocate", position, bytes, () -> Posix.allocate(fd, position, bytes));
    }

    @Override
    public void punchHole(long position, long bytes) throws IoException {
        retry("punchHole", position, bytes, () -> Posix.punchHole(fd, position, bytes));
    }

    @Override
    public void close() throws IoException {
        int answer = Posix.close(fd);
        // EINTR: the descriptor is gone all the same, and a second close could hit another's.
        if (answer != -Errno.EINTR) {
            check("close", answer);
        }
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public boolean isNonBlocking() {
        return nonBlocking;
    }

    @Override
    public boolean direct() {
        return direct;
    }

    @Override
    public FileCapabilities capabilities() {
        return new FileCapabilities(
                status.directOffsetBytes(),
                status.directReadOffsetBytes(),
                status.directMemoryBytes(),
                status.atomicWriteBytesMin(),
                status.atomicWriteBytesMax(),
                status.atomicWriteSegmentsMax(),
                Posix.hasDataSyncWrites());
    }

    @Override
    public int offsetAlignmentBytes() {
        return direct ? status.offsetAlignmentBytes() : 1;
    }

    @Override
    public int memoryAlignmentBytes() {
        return direct ? status.memoryAlignmentBytes() : 1;
    }

    private long writeDataSync(NativeScratch scratch, long position) throws IoException {
        long n = Posix.pwritevDataSync(scratch, fd, position);
        if (n != -Errno.EOPNOTSUPP) {
            return n;
        }
        n = Posix.pwritev(scratch, fd, position);
        if (n > 0) {
            sync(false);
        }
        return n;
    }

    private static NativeScratch vector(MemorySegment[] segments, int from, int count, long skip) {
        NativeScratch scratch = NativeScratch.current();
        scratch.vector().fill(segments, from, count, skip);
        return scratch;
    }

    private static int flags(OpenMode mode) {
        int flags = OpenFlags.CLOEXEC;
        flags |= mode.write() ? mode.read() ? OpenFlags.RDWR : OpenFlags.WRONLY : OpenFlags.RDONLY;
        flags |= mode.create() || mode.createNew() ? OpenFlags.CREAT : 0;
        flags |= mode.createNew() ? OpenFlags.EXCL : 0;
        flags |= mode.truncate() ? OpenFlags.TRUNC : 0;
        flags |= mode.dataSync() ? OpenFlags.DSYNC : 0;
        flags |= mode.sync() ? OpenFlags.SYNC : 0;
        if (mode.direct()) {
            flags |= OpenFlags.direct(System.getProperty("os.arch", "")).orElseThrow();
        }
        return flags;
    }

    private static int refusedKind(FileStatus status) {
        return switch (status.kind()) {
            case REGULAR, BLOCK_DEVICE -> Errno.NONE;
            case DIRECTORY -> Errno.EISDIR;
            case OTHER -> Errno.ESPIPE;
        };
    }

    private static IoException openFailed(Path path, OpenMode mode, int errno) {
        if (errno == Errno.EINVAL && mode.direct() && Files.isDirectory(path, FOLLOW)) {
            // O_DIRECT is what the kernel complains of first.
            return mode.failed(path, Errno.EISDIR, null);
        }
        return mode.failed(path, errno, null);
    }

    private void retry(String operation, long position, long length, IntSupplier call)
            throws IoException {
        int answer;
        int tries = 0;
        do {
            answer = call.getAsInt();
        } while (answer == -Errno.EINTR && ++tries < Transfer.INTERRUPTED_TRIES_MAX);
        if (answer < 0) {
            throw new IoException(operation, path, position, length, -answer, null);
        }
    }

    private long check(String operation, long answer) throws IoException {
        if (answer < 0) {
            throw new IoException(operation, path, -1, -1, (int) -answer, null);
        }
        return answer;
    }
}
