package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The memory that a ring has pinned, so that nothing is pinned for a request. The owner's.
 *
 * <p>Each piece carries a tag: an event with it says that the kernel has let go of the piece, after
 * its last request.
 */
final class FixedMemory {
    /** What {@link #place} answers for memory that is not registered. */
    static final int NONE = -1;

    /** How many pieces a ring takes: of 1 GiB each, a TiB. */
    static final int PLACES = 1024;

    private static final MemoryRun[] NO_RUNS = {};
    private static final long IOVEC_BYTES = 16;

    private final int ring;
    private final boolean possible;
    private boolean tableOpen;
    private MemoryRun[] runs = NO_RUNS;
    private final BitSet held = new BitSet(); // places that the kernel has not let go of

    FixedMemory(int ring, boolean possible) {
        this.ring = ring;
        this.possible = possible;
    }

    /** The tag of a place; tags of requests are 0 or more, and -1 is the doorbell's. */
    static long tag(int place) {
        return Long.MIN_VALUE | place;
    }

    boolean isPossible() {
        return possible;
    }

    /** The place that has all of some memory, or {@link #NONE}. */
    int place(long address, long bytes) {
        for (MemoryRun run : runs) {
            int place = run.place(address, bytes);
            if (place >= 0) {
                return place;
            }
        }
        return NONE;
    }

    /** Pins a run, and uses it from now on; all of it or nothing. */
    void register(MemoryRun run) throws RingException {
        if (!possible) {
            throw new RingException("registered memory needs Linux 5.13 or later");
        }
        openTable();
        for (int piece = 0; piece < run.pieces(); piece++) {
            int place = run.firstPlace() + piece;
            int answer = update(place, run.pieceAddress(piece), run.pieceBytes(piece), tag(place));
            if (answer < 0) {
                clear(run, piece);
                throw RingException.memory(run.bytes(), -answer);
            }
            held.set(place);
        }
        MemoryRun[] more = new MemoryRun[runs.length + 1];
        System.arraycopy(runs, 0, more, 0, runs.length);
        more[runs.length] = run;
        runs = more;
    }

    /** Uses a run no more; {@link #holds} turns false after its last request. */
    void unregister(MemoryRun run) {
        MemoryRun[] fewer = new MemoryRun[runs.length];
        int count = 0;
        for (MemoryRun other : runs) {
            if (!other.equals(run)) {
                fewer[count++] = other;
            }
        }
        if (count == runs.length) {
            return; // it was refused
        }
        runs = Arrays.copyOf(fewer, count);
        clear(run, run.pieces());
    }

    /** An event with a tag of this table came. */
    void released(long tag) {
        held.clear((int) tag);
    }

    /** Whether the kernel has not let go of some of a run. */
    boolean holds(MemoryRun run) {
        int place = held.nextSetBit(run.firstPlace());
        return place >= 0 && place < run.firstPlace() + run.pieces();
    }

    private void clear(MemoryRun run, int pieces) {
        for (int piece = 0; piece < pieces; piece++) {
            int answer = update(run.firstPlace() + piece, 0, 0, 0);
            if (answer < 0) {
                throw new IllegalStateException(
                        "a ring kept registered memory: " + Errno.name(-answer) + ", run=" + run);
            }
        }
    }

    private void openTable() throws RingException {
        if (tableOpen) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = FixedTable.sparse(PLACES, arena);
            int answer = registerTable(ring, table);
            if (answer == -Errno.EINVAL) {
                answer = registerTable(ring, speltOut(arena));
            }
            if (answer < 0) {
                throw RingException.memory(0, -answer);
            }
            tableOpen = true;
        }
    }

    /** Before Linux 5.19: a table of nothing. */
    static MemorySegment speltOut(Arena arena) {
        MemorySegment empty = arena.allocate(PLACES * IOVEC_BYTES, Long.BYTES);
        return FixedTable.filled(PLACES, empty, arena);
    }

    static int registerTable(int ring, MemorySegment table) {
        return RingCalls.register(
                ring, RingCalls.REGISTER_BUFFERS2, table, FixedTable.REGISTER_BYTES);
    }

    private int update(int place, long address, long bytes, long tag) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vector = arena.allocate(IOVEC_BYTES, Long.BYTES);
            vector.set(ValueLayout.JAVA_LONG, 0, address);
            vector.set(ValueLayout.JAVA_LONG, 8, bytes);
            MemorySegment tags = arena.allocateFrom(ValueLayout.JAVA_LONG, tag);
            MemorySegment update = FixedTable.update(place, vector, tags, arena);
            return RingCalls.register(
                    ring, RingCalls.REGISTER_BUFFERS_UPDATE, update, FixedTable.UPDATE_BYTES);
        }
    }
}
