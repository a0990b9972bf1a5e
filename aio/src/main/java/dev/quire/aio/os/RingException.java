package dev.quire.aio.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A ring could not be made; the message says why and what helps. */
public final class RingException extends Exception {
    private static final long serialVersionUID = 1;

    private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");

    /**
     * A refusal.
     *
     * @param call what was refused
     * @param errno error number
     */
    public RingException(String call, int errno) {
        this(call + " refused: " + Errno.name(errno) + " (" + errno + ")" + cure(errno));
    }

    RingException(String message) {
        super(message);
    }

    /** Memory that was not registered. */
    static RingException memory(long bytes, int errno) {
        String cure =
                errno == Errno.ENOMEM || errno == Errno.EPERM
                        ? "; raise the limit of locked memory (ulimit -l, LimitMEMLOCK) by as much"
                        : "";
        return new RingException(
                "a ring refused to register memory: "
                        + Errno.name(errno)
                        + " ("
                        + errno
                        + "): bytes="
                        + bytes
                        + cure);
    }

    private static String cure(int errno) {
        return switch (errno) {
            // Also what some seccomp profiles answer in the kernel's name.
            case Errno.ENOSYS ->
                    "; use Linux 5.6 or later, with io_uring built in and allowed by the seccomp"
                            + " profile of the container";
            case Errno.EPERM, Errno.EACCES ->
                    "; "
                            + disabledCure()
                            + "let the seccomp profile of the container allow io_uring_setup,"
                            + " io_uring_enter and io_uring_register";
            case Errno.ENOMEM ->
                    "; raise the limit of locked memory (ulimit -l, LimitMEMLOCK) or make the"
                            + " queue less deep";
            case Errno.EMFILE, Errno.ENFILE -> "; raise the limit of open files (ulimit -n)";
            case Errno.EINVAL -> "; use Linux 5.6 or later";
            default -> "";
        };
    }

    private static String disabledCure() {
        try {
            String now = Files.readString(DISABLED).strip();
            return now.equals("0")
                    ? ""
                    : "set kernel.io_uring_disabled to 0 (now " + now + "), or ";
        } catch (IOException e) {
            return "set kernel.io_uring_disabled to 0, or ";
        }
    }
}
