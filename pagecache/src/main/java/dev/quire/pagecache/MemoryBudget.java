package dev.quire.pagecache;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory there is for page caches: what the machine has, or the control group (version 2
 * or 1) lets the process have, without the largest Java heap.
 */
final class MemoryBudget {
    /** A cache takes this part of it by default, so that a JVM can have more than one. */
    static final int SHARE = 4;

    private static final long UNKNOWN_BYTES = 1L << 30;
    private static final long NO_LIMIT_FROM = 1L << 60; // version 1 says so by a huge number

    private final Path root;
    private final long heapBytes;

    /** The budget as a file system tells it, for a heap of some size. */
    MemoryBudget(Path root, long heapBytes) {
        this.root = root;
        this.heapBytes = heapBytes;
    }

    static MemoryBudget ofThisProcess() {
        return new MemoryBudget(Path.of("/"), Runtime.getRuntime().maxMemory());
    }

    /** What a cache takes that was not told how much. */
    long cacheBytes(int pageBytes) {
        long bytes = Math.max(0, limitBytes() - heapBytes) / SHARE;
        long least = (long) PageCacheConfig.PAGES_MIN * pageBytes;
        return Math.max(
                least, bytes - bytes % Math.max(1, pageBytes)); // what is wrong is said later
    }

    /** The least of all limits. */
    private long limitBytes() {
        long least = physicalBytes();
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[1].isEmpty()) {
                least = Math.min(least, groupBytes("sys/fs/cgroup", parts[2], "memory.max"));
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                String file = "memory.limit_in_bytes";
                least = Math.min(least, groupBytes("sys/fs/cgroup/memory", parts[2], file));
            }
        }
        return least;
    }

    private long physicalBytes() {
        for (String line : lines(root.resolve("proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                return number(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return heapBytes + UNKNOWN_BYTES;
    }

    /**
     * The least limit of a group and those above it; its path may be one of outside a container.
     */
    private long groupBytes(String mount, String group, String file) {
        Path top = root.resolve(mount);
        Path folder = top.resolve(group.substring(group.startsWith("/") ? 1 : 0)).normalize();
        long least = Long.MAX_VALUE;
        while (folder != null && folder.startsWith(top)) {
            for (String line : lines(folder.resolve(file))) {
                least = Math.min(least, number(line.strip()));
            }
            folder = folder.getParent();
        }
        return least;
    }

    private static long number(@Nullable String digits) {
        try {
            long number = digits == null ? Long.MAX_VALUE : Long.parseLong(digits);
            return number >= NO_LIMIT_FROM ? Long.MAX_VALUE : number;
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE; // "max"
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // another system, or another version of control groups
        }
    }
}
