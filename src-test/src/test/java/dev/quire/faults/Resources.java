package dev.quire.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Descriptors that are open, memory of rings that is mapped, and what was closed twice. */
public final class Resources {
    private static final Map<Integer, String> OPEN = new TreeMap<>();
    private static final Map<Long, Long> RING_MEMORY = new TreeMap<>();
    private static final List<String> MISTAKES = new ArrayList<>();
    private static long reservedBytes;

    private Resources() {}

    static synchronized void opened(int fd, String call) {
        OPEN.put(fd, call);
    }

    static synchronized void closed(int fd) {
        if (OPEN.remove(fd) == null && fd >= 0) {
            MISTAKES.add("closed but not open: fd=" + fd);
        }
    }

    /** Memory with a descriptor is a ring's; other memory is the allocator's. */
    static synchronized void mapped(long address, long bytes, int fd) {
        if (fd >= 0) {
            RING_MEMORY.put(address, bytes);
        } else {
            reservedBytes += bytes;
        }
    }

    static synchronized void unmapped(long address, long bytes) {
        Long mapped = RING_MEMORY.remove(address);
        reservedBytes -= mapped == null ? bytes : 0;
        if (mapped != null && mapped != bytes) {
            MISTAKES.add("unmapped in part: bytes=" + bytes + ", mapped=" + mapped);
        }
    }

    /** What went wrong where nothing that is thrown is heard of: in a completion, say. */
    public static synchronized void mistake(String what) {
        MISTAKES.add(what);
    }

    /** How much memory is reserved beside the rings'. */
    public static synchronized long reservedBytes() {
        return reservedBytes;
    }

    /** What is open or mapped, and what went wrong; forgets it. */
    static synchronized List<String> left() {
        List<String> left = new ArrayList<>(MISTAKES);
        OPEN.forEach((fd, call) -> left.add("open: fd=" + fd + ", by " + call));
        RING_MEMORY.forEach((address, bytes) -> left.add("mapped: bytes=" + bytes));
        MISTAKES.clear();
        OPEN.clear();
        RING_MEMORY.clear();
        return left;
    }
}
