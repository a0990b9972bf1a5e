package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A counter in the kernel: {@link #ring} from any thread ends a read of it. */
final class EventFd implements AutoCloseable {
    private final int fd;
    private final MemorySegment one;

    private EventFd(int fd, Arena arena) {
        this.fd = fd;
        one = arena.allocate(ValueLayout.JAVA_LONG);
        one.set(ValueLayout.JAVA_LONG, 0, 1);
    }

    static EventFd open(Arena arena) throws RingException {
        int fd = RingCalls.eventFd();
        if (fd < 0) {
            throw new RingException("eventfd", -fd);
        }
        try {
            return new EventFd(fd, arena);
        } catch (RuntimeException | Error e) { // no native memory
            Posix.close(fd);
            throw e;
        }
    }

    int fd() {
        return fd;
    }

    /**
     * Adds one; never waits, because nobody rings as often as the counter is wide, so that no
     * signal cuts it short either.
     */
    void ring() {
        if (RingCalls.write(fd, one) != Long.BYTES) {
            throw new IllegalStateException("eventfd refused a write: fd=" + fd);
        }
    }

    @Override
    public void close() {
        Posix.close(fd);
    }
}
