package dev.quire.faults;

import static dev.quire.faults.Errors.EAGAIN;
import static dev.quire.faults.Errors.EBUSY;
import static dev.quire.faults.Errors.EINTR;
import static dev.quire.faults.Errors.EIO;
import static dev.quire.faults.Errors.EMFILE;
import static dev.quire.faults.Errors.ENOMEM;
import static dev.quire.faults.Errors.ENOSPC;
import static dev.quire.faults.Errors.EOPNOTSUPP;
import static dev.quire.faults.Errors.EPERM;

import java.util.Arrays;
import java.util.List;

/**
 * Where something can fail, and how: a native call or one of a channel with an error number, or a
 * step in Java.
 */
public enum Point {
    /** No frame is free, whoever is asked. */
    FRAME("frame"),
    /** No heap for a chunk of slots, nor for its place in a directory. */
    CHUNK("chunk"),
    DIRECTORY("directory"),
    /** No heap for a window of slots. */
    WINDOW("window"),
    /** No heap for a place in the queue of those who wait for a page. */
    WAITER("waiter"),
    /** Somebody else has changed the slot: true at most once, or the insert would never end. */
    SLOT("slot", 0, 1),
    /** The engine takes no request. */
    SUBMIT("submit"),
    /** What the system has done is reported as failed, by a ring or to a thread that waits. */
    COMPLETION_EIO("completion", EIO),
    COMPLETION_ENOSPC("completion", ENOSPC),
    COMPLETION_EAGAIN("completion", EAGAIN, 5),
    /** No thread can be made. */
    THREAD("thread"),
    /** malloc answers null, for a while: without it for good, nothing can even be closed. */
    ARENA("arena", 0, 3),

    OPEN_EMFILE("open", EMFILE),
    OPEN_EIO("open", EIO),
    CLOSE_EIO("close", EIO),
    CLOSE_EINTR("close", EINTR),
    STATX_EIO("statx", EIO),
    SIZE_EIO("lseek", EIO),
    STATFS_EIO("fstatfs", EIO),
    PROBE_EOPNOTSUPP("preadv2", EOPNOTSUPP),
    PREAD_EIO("pread", EIO),
    PREAD_EINTR("pread", EINTR, 5),
    PREAD_EAGAIN("pread", EAGAIN, 5),
    PREADV_EIO("preadv", EIO),
    PWRITE_EIO("pwrite", EIO),
    PWRITE_ENOSPC("pwrite", ENOSPC),
    PWRITE_EINTR("pwrite", EINTR, 5),
    PWRITEV_EIO("pwritev", EIO),
    PWRITEV_ENOSPC("pwritev", ENOSPC),
    PWRITEV2_EIO("pwritev2", EIO),
    PWRITEV2_EOPNOTSUPP("pwritev2", EOPNOTSUPP),
    FSYNC_EIO("fsync", EIO),
    FDATASYNC_EIO("fdatasync", EIO),
    TRUNCATE_EIO("ftruncate", EIO),
    TRUNCATE_EINTR("ftruncate", EINTR, 5),
    ALLOCATE_ENOSPC("fallocate", ENOSPC),
    ALLOCATE_EOPNOTSUPP("fallocate", EOPNOTSUPP),

    CHANNEL_OPEN_EIO("channel.open", EIO),
    CHANNEL_READ_EIO("channel.read", EIO),
    CHANNEL_WRITE_EIO("channel.write", EIO),
    CHANNEL_WRITE_ENOSPC("channel.write", ENOSPC),
    CHANNEL_FORCE_EIO("channel.force", EIO),
    CHANNEL_SIZE_EIO("channel.size", EIO),
    CHANNEL_TRUNCATE_EIO("channel.truncate", EIO),
    CHANNEL_CLOSE_EIO("channel.close", EIO),

    MMAP_ENOMEM("mmap", ENOMEM),
    MUNMAP_ENOMEM("munmap", ENOMEM),
    MADVISE_ENOMEM("madvise", ENOMEM),
    MLOCK_ENOMEM("mlock2", ENOMEM),
    MUNLOCK_ENOMEM("munlock", ENOMEM),
    MINCORE_EAGAIN("mincore", EAGAIN),
    EVENTFD_EMFILE("eventfd", EMFILE),
    RING_SETUP_ENOMEM("io_uring_setup", ENOMEM),
    RING_SETUP_EPERM("io_uring_setup", EPERM),
    RING_ENTER_EAGAIN("io_uring_enter", EAGAIN, 20),
    RING_ENTER_EBUSY("io_uring_enter", EBUSY, 20),
    RING_ENTER_EINTR("io_uring_enter", EINTR, 20),
    RING_ENTER_ENOMEM("io_uring_enter", ENOMEM, 20),
    RING_REGISTER_ENOMEM("io_uring_register", ENOMEM);

    private final String call;
    private final int errno;
    private final int timesMax;

    Point(String call) {
        this(call, 0, Integer.MAX_VALUE);
    }

    Point(String call, int errno) {
        this(call, errno, Integer.MAX_VALUE);
    }

    /** Of errors that pass: whoever meets one tries again for as long as it lasts. */
    Point(String call, int errno, int timesMax) {
        this.call = call;
        this.errno = errno;
        this.timesMax = timesMax;
    }

    static List<Point> of(String call) {
        return Arrays.stream(values()).filter(point -> point.call.equals(call)).toList();
    }

    int errno() {
        return errno;
    }

    String call() {
        return call;
    }

    /** Whether an error says somewhere what it comes of. */
    boolean isNamedBy(String text) {
        return switch (this) {
            case FRAME -> text.contains("OutOfFrames");
            case ARENA -> text.contains("injected: no arena") || text.contains("ENOMEM");
            default ->
                    text.contains(
                                    errno == 0
                                            ? "injected: no " + call
                                            : name().substring(name().lastIndexOf('_') + 1))
                            || (call.startsWith("channel.")
                                    && text.contains(Errors.message(errno)));
        };
    }

    /** Whether memory stays where it is when this fails: nobody can do more about it. */
    boolean keepsMemory() {
        return this == MADVISE_ENOMEM || this == MUNLOCK_ENOMEM;
    }

    int timesMax() {
        return timesMax;
    }
}
