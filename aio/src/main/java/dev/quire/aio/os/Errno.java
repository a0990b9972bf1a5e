package dev.quire.aio.os;

import org.jspecify.annotations.Nullable;

/** Linux error numbers: the ones file I/O can meet, with their names. */
public final class Errno {
    /** No error number is known: the failure did not come from a system call of ours. */
    public static final int NONE = 0;

    /** Operation not permitted. */
    public static final int EPERM = 1;

    /** No such file or directory. */
    public static final int ENOENT = 2;

    /** A signal arrived before any byte moved. */
    public static final int EINTR = 4;

    /** The device failed. */
    public static final int EIO = 5;

    /** No such device or address. */
    public static final int ENXIO = 6;

    /** The file descriptor is not open, or not open for this. */
    public static final int EBADF = 9;

    /** The kernel is out of requests for now. */
    public static final int EAGAIN = 11;

    /** The kernel is out of memory. */
    public static final int ENOMEM = 12;

    /** Permission denied. */
    public static final int EACCES = 13;

    /** The memory of the request is not mapped. */
    public static final int EFAULT = 14;

    /** Device or resource busy. */
    public static final int EBUSY = 16;

    /** The file exists. */
    public static final int EEXIST = 17;

    /** Not a directory. */
    public static final int ENOTDIR = 20;

    /** Is a directory. */
    public static final int EISDIR = 21;

    /** Refused argument; for direct I/O, alignment or a file system without it. */
    public static final int EINVAL = 22;

    /** Too many open files in the system. */
    public static final int ENFILE = 23;

    /** Too many open files in this process. */
    public static final int EMFILE = 24;

    /** The file is a program that runs. */
    public static final int ETXTBSY = 26;

    /** The file would be larger than a limit of the process or of the file system. */
    public static final int EFBIG = 27;

    /** No space left on the device. */
    public static final int ENOSPC = 28;

    /** The file cannot be positioned, for instance a pipe. */
    public static final int ESPIPE = 29;

    /** The file system is mounted read-only. */
    public static final int EROFS = 30;

    /** The name is too long. */
    public static final int ENAMETOOLONG = 36;

    /** The kernel has no such call, or a seccomp filter says so. */
    public static final int ENOSYS = 38;

    /** Too many symbolic links. */
    public static final int ELOOP = 40;

    /** A sleep ended at its time. */
    static final int ETIME = 62;

    /** The value does not fit. */
    public static final int EOVERFLOW = 75;

    /** The operation is not supported. */
    public static final int EOPNOTSUPP = 95;

    /** The device did not answer in time. */
    public static final int ETIMEDOUT = 110;

    /** The request was called off. */
    public static final int ECANCELED = 125;

    /** The server no longer knows this file. */
    public static final int ESTALE = 116;

    /** The disk quota is used up. */
    public static final int EDQUOT = 122;

    private Errno() {}

    /**
     * Name of an error number.
     *
     * @param errno a positive error number, or {@link #NONE}
     * @return for instance {@code EIO}; {@code errno} when the number has no name here; {@code
     *     UNKNOWN} for {@link #NONE}
     */
    public static String name(int errno) {
        return switch (errno) {
            case NONE -> "UNKNOWN";
            case EPERM -> "EPERM";
            case ENOENT -> "ENOENT";
            case EINTR -> "EINTR";
            case EIO -> "EIO";
            case ENXIO -> "ENXIO";
            case EBADF -> "EBADF";
            case EAGAIN -> "EAGAIN";
            case ENOMEM -> "ENOMEM";
            case EACCES -> "EACCES";
            case EFAULT -> "EFAULT";
            case EBUSY -> "EBUSY";
            case EEXIST -> "EEXIST";
            case ENOTDIR -> "ENOTDIR";
            case EISDIR -> "EISDIR";
            case EINVAL -> "EINVAL";
            case ENFILE -> "ENFILE";
            case EMFILE -> "EMFILE";
            case ETXTBSY -> "ETXTBSY";
            case EFBIG -> "EFBIG";
            case ENOSPC -> "ENOSPC";
            case ESPIPE -> "ESPIPE";
            case EROFS -> "EROFS";
            case ENAMETOOLONG -> "ENAMETOOLONG";
            case ENOSYS -> "ENOSYS";
            case ELOOP -> "ELOOP";
            case EOVERFLOW -> "EOVERFLOW";
            case EOPNOTSUPP -> "EOPNOTSUPP";
            case ETIMEDOUT -> "ETIMEDOUT";
            case ECANCELED -> "ECANCELED";
            case ESTALE -> "ESTALE";
            case EDQUOT -> "EDQUOT";
            default -> "errno";
        };
    }

    /**
     * Error number behind a message of {@code java.nio}, which does not carry the number itself.
     *
     * @param message message of an {@code IOException}, or null
     * @return the error number, or {@link #NONE} when the text is not one of Linux's
     */
    public static int ofMessage(@Nullable String message) {
        if (message == null) {
            return NONE;
        }
        return switch (message) {
            case "Input/output error" -> EIO;
            case "No space left on device" -> ENOSPC;
            case "File too large" -> EFBIG;
            case "Disk quota exceeded" -> EDQUOT;
            case "Is a directory" -> EISDIR;
            case "Invalid argument" -> EINVAL;
            case "Bad file descriptor" -> EBADF;
            case "Read-only file system" -> EROFS;
            case "Too many open files" -> EMFILE;
            case "Too many open files in system" -> ENFILE;
            case "Stale file handle" -> ESTALE;
            default -> NONE;
        };
    }

    /**
     * Whether the same request can succeed later with nothing changed by its caller.
     *
     * @param errno a positive error number, or {@link #NONE}
     * @return true for shortages that pass: of memory, descriptors, space, quota, time
     */
    public static boolean passes(int errno) {
        return switch (errno) {
            case EINTR, EAGAIN, ENOMEM, EBUSY, ENFILE, EMFILE, ENOSPC, EDQUOT, ETIMEDOUT -> true;
            default -> false;
        };
    }
}
