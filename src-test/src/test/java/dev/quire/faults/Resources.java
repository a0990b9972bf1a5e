package dev.quire.faults;

import dev.quire.allocator.os.VirtualMemory;

import java.lang.foreign.Arena;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * What the library has of the system: descriptors, channels, arenas, memory of rings, regions of
 * frames, other memory; and what was closed twice.
 *
 * <p>A region's addresses stay mapped for ever, by design, but its memory is given back when it is
 * closed, and unlocked. Other anonymous memory is unmapped when the collector finds it unreachable.
 */
public final class Resources {
    private static final String REGION_MAKER = "dev.quire.allocator.RegionSetup";
    private static final long ARENAS_NANOS_MAX = 20_000_000_000L;
    private static final VirtualMemory SYSTEM = VirtualMemory.open();

    private static final Map<Integer, String> OPEN = new TreeMap<>();
    private static final List<FileChannel> CHANNELS = new ArrayList<>();
    private static final List<OpenArena> ARENAS = new ArrayList<>();
    private static final Map<Long, Long> RING_MEMORY = new TreeMap<>();
    private static final MappedRanges REGIONS = new MappedRanges();
    private static final MappedRanges COLLECTED = new MappedRanges();
    private static final Map<Long, Long> LOCKED = new HashMap<>();
    private static final List<String> MISTAKES = new ArrayList<>();
    private static String user = "nobody";

    private record OpenArena(Arena arena, Thread opener, String by) {}

    private Resources() {}

    /** Who maps memory from now on. */
    static synchronized void usedBy(String next) {
        user = next;
    }

    static synchronized void opened(int fd, String call) {
        OPEN.put(fd, call);
    }

    static synchronized FileChannel opened(FileChannel channel) {
        CHANNELS.add(channel);
        return channel;
    }

    static Arena opened(Arena arena) {
        String by =
                StackWalker.getInstance()
                        .walk(
                                callers ->
                                        callers.skip(2)
                                                .findFirst()
                                                .map(Object::toString)
                                                .orElse(""));
        synchronized (Resources.class) {
            ARENAS.add(new OpenArena(arena, Thread.currentThread(), by));
        }
        return arena;
    }

    static synchronized void closed(int fd) {
        if (OPEN.remove(fd) == null && fd >= 0) {
            MISTAKES.add("closed but not open: fd=" + fd);
        }
    }

    /** Memory with a descriptor is a ring's. */
    static void mapped(long address, long bytes, int fd) {
        boolean ofRegion =
                fd < 0
                        && StackWalker.getInstance()
                                .walk(
                                        callers ->
                                                callers.anyMatch(
                                                        caller ->
                                                                caller.getClassName()
                                                                        .equals(REGION_MAKER)));
        synchronized (Resources.class) {
            if (fd >= 0) {
                RING_MEMORY.put(address, bytes);
            } else {
                (ofRegion ? REGIONS : COLLECTED).add(address, bytes, user);
            }
        }
    }

    static synchronized void unmapped(long address, long bytes) {
        Long mapped = RING_MEMORY.remove(address);
        if (mapped == null) {
            REGIONS.remove(address, bytes);
            COLLECTED.remove(address, bytes);
        } else if (mapped != bytes) {
            MISTAKES.add("unmapped in part: bytes=" + bytes + ", mapped=" + mapped);
        }
    }

    static synchronized void locked(long address, long bytes) {
        LOCKED.put(address, bytes);
    }

    static synchronized void unlocked(long address) {
        LOCKED.remove(address);
    }

    /** What went wrong where nothing that is thrown is heard of: in a completion, say. */
    public static synchronized void mistake(String what) {
        MISTAKES.add(what);
    }

    /** How much memory is mapped for frames. */
    public static synchronized long regionBytes() {
        return REGIONS.bytes();
    }

    /** What is mapped, and was to be found unreachable by the collector. */
    static synchronized List<String> uncollected() {
        return COLLECTED.list();
    }

    /**
     * What is open, mapped, locked or there, and what went wrong; forgets it.
     *
     * @param memoryIsKept whether regions may be locked and there
     */
    static List<String> left(boolean memoryIsKept) {
        Thread self = Thread.currentThread();
        long start = System.nanoTime();
        for (; ; ) { // bound: ARENAS_NANOS_MAX
            boolean late = System.nanoTime() - start > ARENAS_NANOS_MAX;
            synchronized (Resources.class) {
                ARENAS.removeIf(open -> !open.arena.scope().isAlive());
                // The collector's thread may be inside of a call, and has an arena for it.
                if (ARENAS.stream().allMatch(open -> late || open.opener.equals(self))) {
                    return leftNow(memoryIsKept);
                }
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static List<String> leftNow(boolean memoryIsKept) {
        List<String> left = new ArrayList<>(MISTAKES);
        OPEN.forEach((fd, call) -> left.add("open: fd=" + fd + ", by " + call));
        CHANNELS.stream().filter(Channel::isOpen).forEach(open -> left.add("open: " + open));
        ARENAS.forEach(open -> left.add("open: arena, by " + open.by));
        RING_MEMORY.forEach((address, bytes) -> left.add("mapped: bytes=" + bytes));
        if (!memoryIsKept) {
            LOCKED.forEach((address, bytes) -> left.add("locked: bytes=" + bytes));
            long resident = REGIONS.sum(SYSTEM::residentBytes);
            if (resident > 0) {
                left.add("not given back: bytes=" + resident + " of " + REGIONS.list());
            }
        }
        MISTAKES.clear();
        OPEN.clear();
        CHANNELS.clear();
        ARENAS.clear();
        RING_MEMORY.clear();
        LOCKED.clear();
        REGIONS.clear();
        return left;
    }
}
