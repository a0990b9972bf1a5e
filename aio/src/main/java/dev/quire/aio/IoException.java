package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;

/** An operation on a file failed: which one, where, and the operating system's reason. */
public class IoException extends IOException {
    private static final long serialVersionUID = 1;

    /** What failed. */
    private final String operation;

    /** The file; not serialized. */
    private final transient Path path;

    /** Offset in bytes, or -1. */
    private final long position;

    /** Length in bytes, or -1. */
    private final long length;

    /** Error number, or 0. */
    private final int errno;

    /** The reason as the message words it. */
    private final String reason;

    /**
     * A failure with an error number of the operating system.
     *
     * @param operation what failed, for instance {@code read}
     * @param path the file
     * @param position offset of the whole request in bytes, or -1 when it has none
     * @param length length of the whole request in bytes, or -1 when it has none
     * @param errno error number, or 0 when none is known
     * @param cause what was caught, or null
     */
    public IoException(
            String operation,
            Path path,
            long position,
            long length,
            int errno,
            @Nullable Throwable cause) {
        this(operation, path, position, length, errno, reason(errno, cause), cause);
    }

    IoException(
            String operation,
            Path path,
            long position,
            long length,
            int errno,
            String reason,
            @Nullable Throwable cause) {
        super(message(operation, path, position, length, reason), cause);
        this.operation = operation;
        this.path = path;
        this.position = position;
        this.length = length;
        this.errno = errno;
        this.reason = reason;
    }

    /**
     * What failed.
     *
     * @return {@code open}, {@code read}, {@code write}, {@code sync}, {@code syncData}, {@code
     *     allocate}, {@code punchHole}, {@code truncate}, {@code size} or {@code close}
     */
    public String operation() {
        return operation;
    }

    /**
     * The file.
     *
     * @return the path as it was opened
     */
    public Path path() {
        return path;
    }

    /**
     * Where the request began.
     *
     * @return offset in bytes, or -1 when the operation has none
     */
    public long position() {
        return position;
    }

    /**
     * How long the request was.
     *
     * @return length in bytes, or -1 when the operation has none
     */
    public long length() {
        return length;
    }

    /**
     * The error number of the operating system.
     *
     * @return a positive number, or 0 when none is known
     */
    public int errno() {
        return errno;
    }

    /**
     * The name of the error number.
     *
     * @return for instance {@code EIO}; {@code UNKNOWN} when no number is known
     */
    public String errnoName() {
        return Errno.name(errno);
    }

    /**
     * Whether the same request can succeed later, with nothing changed by the caller: true for
     * shortages that pass (space, quota, memory, descriptors, time), false for a broken device, a
     * wrong argument and whatever is not known. After a failed sync it says nothing about data
     * written earlier: the kernel may have dropped it.
     *
     * @return true when a retry can help
     */
    public boolean retryCanHelp() {
        return Errno.passes(errno);
    }

    /** The same failure with the stack of the thread that waited for it. */
    IoException onCaller() {
        return new IoException(operation, path, position, length, errno, reason, this);
    }

    private static String reason(int errno, @Nullable Throwable cause) {
        if (errno != Errno.NONE) {
            return Errno.name(errno) + " (" + errno + ")";
        }
        return cause == null ? "no reason known" : String.valueOf(cause.getMessage());
    }

    private static String message(
            String operation, Path path, long position, long length, String reason) {
        StringBuilder text = new StringBuilder(96);
        text.append(operation).append(" failed: ").append(reason).append(": file=").append(path);
        if (position >= 0) {
            text.append(", position=").append(position);
        }
        if (length >= 0) {
            text.append(", length=").append(length);
        }
        return text.toString();
    }
}
