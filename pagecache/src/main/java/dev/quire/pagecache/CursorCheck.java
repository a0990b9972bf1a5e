package dev.quire.pagecache;

import dev.quire.allocator.os.RawMemory;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Watches how one cursor is used, in a cache that is configured to check its users. Two mistakes do
 * not show by themselves: to use what was read before {@link PageCursor#retry} answered false, and
 * to use a cursor by two threads at once.
 *
 * <p>So the bytes of every second or so optimistic read are garbage, after which {@code retry()}
 * answers true; a cursor that leaves a page whose bytes were read and not validated throws; and so
 * does one that is used by another thread before it is free.
 */
final class CursorCheck {
    private static final int GARBAGE_ROUNDS_MAX = 2;
    private static final long NOBODY = 0;

    private final SplittableRandom random;
    private long owner = NOBODY;
    private int garbageRounds;
    private boolean garbage;
    private boolean unvalidated;
    private boolean inScope;

    CursorCheck(long seed) {
        random = new SplittableRandom(seed);
    }

    /** The cursor was put on a page by an optimistic read. */
    void reading(long page) {
        owner = Thread.currentThread().threadId();
        inScope = false;
        garbage = garbageRounds < GARBAGE_ROUNDS_MAX && random.nextBoolean();
        garbageRounds = garbage ? garbageRounds + 1 : 0;
    }

    /** A number is read from the page under an optimistic read. */
    long read(long address, int bytes) {
        checkThread();
        unvalidated = !inScope;
        if (garbage) {
            return random.nextLong();
        }
        return switch (bytes) {
            case Byte.BYTES -> RawMemory.ALL.get(ValueLayout.JAVA_BYTE, address);
            case Short.BYTES -> PageCursor.shortAt(address);
            case Integer.BYTES -> PageCursor.intAt(address);
            default -> PageCursor.longAt(address);
        };
    }

    /** A scope validates this read; answers whether it must be repeated because it is garbage. */
    boolean inScope() {
        inScope = true;
        return garbage;
    }

    /** Whether an optimistic read must be repeated because it was given garbage. */
    boolean retry() {
        checkThread();
        unvalidated = false;
        owner = NOBODY;
        return garbage;
    }

    /** Whether what is read here has to be read again. */
    boolean garbage() {
        return garbage;
    }

    /** The scope that validates this read has come to its end. */
    void scopeEnded() {
        if (inScope) {
            owner = NOBODY;
        }
    }

    /** What was read was validated by other means. */
    void validated() {
        unvalidated = false;
        owner = NOBODY;
    }

    /** The cursor leaves a page, or gives it up. */
    void leaving(long page) {
        checkThread();
        if (unvalidated) {
            unvalidated = false;
            throw new IllegalStateException(
                    "what was read was not validated: call retry() before the cursor goes on: page="
                            + page);
        }
        owner = NOBODY;
    }

    private void checkThread() {
        long current = Thread.currentThread().threadId();
        if (owner != NOBODY && owner != current) {
            throw new IllegalStateException(
                    "cursor is in use by another thread: thread="
                            + owner
                            + ", called by thread="
                            + current);
        }
    }
}
