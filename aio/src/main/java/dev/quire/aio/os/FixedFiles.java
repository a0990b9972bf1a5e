package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The descriptors that a ring knows by an index, which spares the kernel a look-up and two atomic
 * counts a request. The owner's.
 *
 * <p>A descriptor gets its index on first use and must be forgotten before it is closed: the table
 * would keep the file open, and the number may be another file's next.
 */
final class FixedFiles {
    /** What {@link #index} answers for a descriptor to be used as it is. */
    static final int PLAIN = -1;

    private static final int SLOTS_MAX = 1024;
    private static final int SLOTS_MIN = 64;
    // Higher descriptors are used as they are: they would only cost memory here.
    private static final int DESCRIPTORS_MAX = 1 << 16;

    private static final int UNKNOWN = 0;
    private static final int REFUSED = -1;

    private final int ring;
    // struct io_uring_files_update: 0 offset u32  4 reserved  8 fds u64; then the descriptor
    private final MemorySegment update;
    private final int[] free;
    private int freeCount;
    private int[] known = new int[64]; // by descriptor: UNKNOWN, REFUSED or index + 1

    private FixedFiles(int ring, int slots, Arena arena) {
        this.ring = ring;
        update = arena.allocate(24, Long.BYTES);
        update.set(ValueLayout.JAVA_LONG, 8, update.address() + 16);
        free = new int[slots];
        for (int index = slots - 1; index >= 0; index--) {
            free[freeCount++] = index;
        }
    }

    /** An empty table of the length that the kernel grants, possibly of none. */
    static FixedFiles open(int ring, Arena arena) {
        int slots = SLOTS_MAX;
        // The limit of open files holds for the table too.
        while (slots >= SLOTS_MIN && !register(ring, slots)) {
            slots /= 4;
        }
        return new FixedFiles(ring, slots >= SLOTS_MIN ? slots : 0, arena);
    }

    boolean isPossible() {
        return free.length > 0;
    }

    /** The index of a descriptor, given to it now if need be, or {@link #PLAIN}. */
    int index(int fd) {
        int[] seen = known;
        int state = fd >= 0 && fd < seen.length ? seen[fd] : UNKNOWN;
        return state == UNKNOWN ? learn(fd) : state == REFUSED ? PLAIN : state - 1;
    }

    /** Lets go of a descriptor that is about to be closed. */
    void forget(int fd) {
        if (fd < 0 || fd >= known.length) {
            return;
        }
        int state = known[fd];
        known[fd] = UNKNOWN;
        if (state > 0) {
            int answer = update(state - 1, -1);
            if (answer < 0) {
                throw new IllegalStateException(
                        "a ring kept a file: " + Errno.name(-answer) + ", fd=" + fd);
            }
            free[freeCount++] = state - 1;
        }
    }

    private int learn(int fd) {
        if (free.length == 0 || fd < 0 || fd >= DESCRIPTORS_MAX) {
            return PLAIN;
        }
        if (fd >= known.length) {
            known = Arrays.copyOf(known, Integer.highestOneBit(fd) << 1);
        }
        if (freeCount == 0) {
            return PLAIN; // asked again: another may be closed meanwhile
        }
        int index = free[freeCount - 1];
        if (update(index, fd) < 0) {
            known[fd] = REFUSED;
            return PLAIN;
        }
        freeCount--;
        known[fd] = index + 1;
        return index;
    }

    private int update(int index, int fd) {
        update.set(ValueLayout.JAVA_INT, 0, index);
        update.set(ValueLayout.JAVA_INT, 16, fd);
        return RingCalls.register(ring, RingCalls.REGISTER_FILES_UPDATE, update, 1);
    }

    private static boolean register(int ring, int slots) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = FixedTable.sparse(slots, arena);
            int answer =
                    RingCalls.register(
                            ring, RingCalls.REGISTER_FILES2, table, FixedTable.REGISTER_BYTES);
            if (answer == -Errno.EINVAL) {
                answer = registerSpeltOut(ring, slots, arena);
            }
            return answer >= 0;
        }
    }

    /** Before Linux 5.19: a table of no files. */
    static int registerSpeltOut(int ring, int slots, Arena arena) {
        MemorySegment empty = arena.allocate(ValueLayout.JAVA_INT, slots);
        empty.fill((byte) -1);
        return RingCalls.register(ring, RingCalls.REGISTER_FILES, empty, slots);
    }
}
