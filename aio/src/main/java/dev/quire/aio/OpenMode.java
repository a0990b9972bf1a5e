package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** The options of one {@code open}, checked. */
record OpenMode(
        boolean read,
        boolean write,
        boolean create,
        boolean createNew,
        boolean truncate,
        boolean dataSync,
        boolean sync,
        boolean direct) {

    // By name: the class lives in jdk.unsupported, which a module that never asks for direct I/O
    // need not depend on.
    private static final String DIRECT_CLASS = "com.sun.nio.file.ExtendedOpenOption";

    static OpenMode of(Path path, Set<OpenOption> options) {
        boolean direct = false;
        for (OpenOption option : options) {
            if (isDirect(option)) {
                direct = true;
            } else if (!isSupported(option)) {
                throw new IllegalArgumentException(
                        "open option must be one of READ, WRITE, CREATE, CREATE_NEW,"
                                + " TRUNCATE_EXISTING, SPARSE, DSYNC, SYNC, DIRECT: option="
                                + option
                                + ", file="
                                + path);
            }
        }
        boolean write = options.contains(StandardOpenOption.WRITE);
        for (StandardOpenOption option : NEED_WRITE) {
            if (!write && options.contains(option)) {
                throw new IllegalArgumentException(
                        "open option needs WRITE: option=" + option + ", file=" + path);
            }
        }
        return new OpenMode(
                !write || options.contains(StandardOpenOption.READ),
                write,
                options.contains(StandardOpenOption.CREATE),
                options.contains(StandardOpenOption.CREATE_NEW),
                options.contains(StandardOpenOption.TRUNCATE_EXISTING),
                options.contains(StandardOpenOption.DSYNC),
                options.contains(StandardOpenOption.SYNC),
                direct);
    }

    /** Whether this open may have made the file's directory entry. */
    boolean mayCreate() {
        return create || createNew;
    }

    /** An open that the system refused, with what helps. */
    IoException failed(Path path, int errno, @Nullable Exception cause) {
        return failed(path, errno, direct, cause);
    }

    /** A directory that the system did not let be opened, to be synced. */
    static IoException directoryFailed(Path directory, int errno, @Nullable Exception cause) {
        return failed(directory, errno, false, cause);
    }

    private static IoException failed(
            Path path, int errno, boolean direct, @Nullable Exception cause) {
        if (errno == Errno.NONE) {
            return new IoException("open", path, -1, -1, errno, cause);
        }
        String reason = Errno.name(errno) + " (" + errno + ")";
        if (errno == Errno.EINVAL && direct) {
            reason += ", the file system has no direct I/O: open it without DIRECT";
        } else if (errno == Errno.EMFILE) {
            reason += ", raise the limit of open files (ulimit -n)";
        } else if (errno == Errno.ENFILE) {
            reason += ", raise the limit of open files of the system (fs.file-max)";
        }
        return new IoException("open", path, -1, -1, errno, reason, cause);
    }

    private static final Set<StandardOpenOption> NEED_WRITE =
            Set.of(
                    StandardOpenOption.CREATE,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.TRUNCATE_EXISTING);

    private static boolean isSupported(OpenOption option) {
        return option instanceof StandardOpenOption standard
                && standard != StandardOpenOption.APPEND
                && standard != StandardOpenOption.DELETE_ON_CLOSE;
    }

    private static boolean isDirect(OpenOption option) {
        return option instanceof Enum<?> constant
                && constant.name().equals("DIRECT")
                && constant.getDeclaringClass().getName().equals(DIRECT_CLASS);
    }
}
