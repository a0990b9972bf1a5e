package dev.quire.aio.os;

import java.util.OptionalInt;

/** Flags of {@code open(2)} on Linux; two of them differ between processors. */
public final class OpenFlags {
    /** Read only. */
    public static final int RDONLY = 0;

    /** Write only. */
    public static final int WRONLY = 1;

    /** Read and write. */
    public static final int RDWR = 2;

    /** Create when missing. */
    public static final int CREAT = 0x40;

    /** With {@link #CREAT}: fail when it exists. */
    public static final int EXCL = 0x80;

    /** Cut to length 0. */
    public static final int TRUNC = 0x200;

    /** Each write waits for its data to be durable. */
    public static final int DSYNC = 0x1000;

    /** Each write waits for its data and all metadata to be durable. */
    public static final int SYNC = 0x101000;

    /** Not inherited by child processes. */
    public static final int CLOEXEC = 0x80000;

    private OpenFlags() {}

    /**
     * The value of {@code O_DIRECT}.
     *
     * @param arch value of the system property {@code os.arch}
     * @return the flag, or empty for a processor whose value is not known here
     */
    public static OptionalInt direct(String arch) {
        return switch (arch) {
            case "amd64", "x86_64", "riscv64" -> OptionalInt.of(0x4000);
            case "aarch64" -> OptionalInt.of(0x10000);
            default -> OptionalInt.empty();
        };
    }
}
