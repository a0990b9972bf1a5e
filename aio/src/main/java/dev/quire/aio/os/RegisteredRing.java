package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A ring's descriptor as an index of its owner's thread, which spares the kernel a look-up with two
 * atomic counts a call.
 */
final class RegisteredRing {
    private static final int ANY_INDEX = -1;

    private RegisteredRing() {}

    /** The index, or minus an error number; Linux 5.18. */
    static int register(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment update = update(arena, ANY_INDEX, fd);
            int answer = RingCalls.register(fd, RingCalls.REGISTER_RING_FDS, update, 1);
            return answer == 1
                    ? update.get(ValueLayout.JAVA_INT, 0)
                    : Math.min(answer, -Errno.EINVAL);
        }
    }

    /** Before the descriptor is closed: the ring would stay until its owner's thread ends. */
    static void unregister(int fd, int index) {
        try (Arena arena = Arena.ofConfined()) {
            RingCalls.register(fd, RingCalls.UNREGISTER_RING_FDS, update(arena, index, 0), 1);
        } catch (OutOfMemoryError e) {
            return; // the end of the thread, which is near, does it as well
        }
    }

    // struct io_uring_rsrc_update: 0 offset u32  4 reserved  8 data u64
    private static MemorySegment update(Arena arena, int index, long data) {
        MemorySegment update = arena.allocate(16, Long.BYTES);
        update.set(ValueLayout.JAVA_INT, 0, index);
        update.set(ValueLayout.JAVA_LONG, 8, data);
        return update;
    }
}
