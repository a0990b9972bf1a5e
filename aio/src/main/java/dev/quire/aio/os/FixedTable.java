package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The structures by which tables of files and of memory are registered.
 *
 * <pre>
 * struct io_uring_rsrc_register:   0 nr u32   4 flags u32   8 reserved   16 data u64   24 tags u64
 * struct io_uring_rsrc_update2:    0 offset u32   4 reserved   8 data u64   16 tags u64   24 nr u32
 * </pre>
 */
final class FixedTable {
    static final int REGISTER_BYTES = 32;
    static final int UPDATE_BYTES = 32;

    private static final int SPARSE = 1;

    private FixedTable() {}

    /** A table whose places are filled later; Linux 5.19. */
    static MemorySegment sparse(int places, Arena arena) {
        MemorySegment table = arena.allocate(REGISTER_BYTES, Long.BYTES);
        table.set(ValueLayout.JAVA_INT, 0, places);
        table.set(ValueLayout.JAVA_INT, 4, SPARSE);
        return table;
    }

    /** A table whose places are filled from the start. */
    static MemorySegment filled(int places, MemorySegment data, Arena arena) {
        MemorySegment table = arena.allocate(REGISTER_BYTES, Long.BYTES);
        table.set(ValueLayout.JAVA_INT, 0, places);
        table.set(ValueLayout.JAVA_LONG, 16, data.address());
        return table;
    }

    /** Another content for one place. */
    static MemorySegment update(int place, MemorySegment data, MemorySegment tags, Arena arena) {
        MemorySegment update = arena.allocate(UPDATE_BYTES, Long.BYTES);
        update.set(ValueLayout.JAVA_INT, 0, place);
        update.set(ValueLayout.JAVA_LONG, 8, data.address());
        update.set(ValueLayout.JAVA_LONG, 16, tags.address());
        update.set(ValueLayout.JAVA_INT, 24, 1);
        return update;
    }
}
