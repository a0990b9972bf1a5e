package dev.quire.faults;

/** Linux error numbers. Not those of aio: these classes are outside of what is woven. */
final class Errors {
    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EBUSY = 16;
    static final int EMFILE = 24;
    static final int ENOSPC = 28;
    static final int EOPNOTSUPP = 95;

    private Errors() {}

    /** What the JDK, which has it from the C library, says of an error instead of its number. */
    static String message(int errno) {
        return switch (errno) {
            case EIO -> "Input/output error";
            case ENOSPC -> "No space left on device";
            default -> throw new IllegalArgumentException("no message: errno=" + errno);
        };
    }
}
