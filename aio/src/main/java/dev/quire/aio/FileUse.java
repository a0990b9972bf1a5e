package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the operations that use an open file or engine, so that it is closed after the last of
 * them: a descriptor closed too early may already be another file's.
 */
final class FileUse {
    private static final long CLOSING = 1L << 62;

    // Operations in the low bits, CLOSING above them.
    private final AtomicLong word = new AtomicLong();
    private volatile @Nullable Thread closer;

    /** One operation more; false when the file is closing or closed. */
    boolean tryBegin() {
        for (; ; ) { // bound: a failed round is another's progress
            long seen = word.get();
            if ((seen & CLOSING) != 0) {
                return false;
            }
            if (word.compareAndSet(seen, seen + 1)) {
                return true;
            }
        }
    }

    /** One operation less. */
    void end() {
        if (word.decrementAndGet() == CLOSING) {
            // Ordering: the count is dropped before the closer is read, both volatile.
            // Pairs:    close, which names itself before it reads the count.
            // Gives:    the closer sees the count at 0, or is unparked.
            // Checked:  jcstress UseAgainstClose;
            //           AsyncIoContract.shouldDeliverEveryCompletionWhenClosedWithRequestsInFlight.
            LockSupport.unpark(closer);
        }
    }

    /**
     * Refuses further operations and waits, through interrupts, for those under way. One thread may
     * call it, once.
     */
    void close() {
        word.getAndUpdate(seen -> seen | CLOSING);
        closer = Thread.currentThread();
        boolean interrupted = false;
        while (word.get() != CLOSING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isClosing() {
        return (word.get() & CLOSING) != 0;
    }
}
