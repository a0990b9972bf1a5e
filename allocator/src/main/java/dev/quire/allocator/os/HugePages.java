package dev.quire.allocator.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says about huge pages of {@link VirtualMemory#HUGE_BYTES}. */
public final class HugePages {
    private static final Path MM = Path.of("/sys/kernel/mm");
    private static final Path POOL = MM.resolve("hugepages/hugepages-2048kB");
    private static final Path TRANSPARENT = MM.resolve("transparent_hugepage");

    private HugePages() {}

    /**
     * Whether advice for transparent huge pages is heeded: the kernel accepts it even when it is
     * switched off.
     *
     * @return false when it is switched off for sure
     */
    public static boolean adviceIsHeeded() {
        String own = read(TRANSPARENT.resolve("hugepages-2048kB/enabled"));
        String mode =
                own.isEmpty() || own.contains("[inherit]")
                        ? read(TRANSPARENT.resolve("enabled"))
                        : own;
        return !mode.contains("[never]");
    }

    /**
     * The pool that hugetlb memory is taken from, for messages.
     *
     * @return for example {@code free=3 of 8}
     */
    public static String pool() {
        String all = read(POOL.resolve("nr_hugepages"));
        String free = read(POOL.resolve("free_hugepages"));
        String reserved = read(POOL.resolve("resv_hugepages"));
        return all.isEmpty()
                ? "the kernel has no pool of them"
                : "free=" + free + " of " + all + ", of these reserved=" + reserved;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // Not this kernel's, or hidden from us.
        }
    }
}
