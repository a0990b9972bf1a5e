package dev.quire.aio;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the operations that use an open file or engine, so that it is closed after the last of
 * them: a descriptor closed too early may already be another file's.
 */
final class FileUse {
    private static final long CLOSING = 1L << 62;

    // Operations in the low bits, CLOSING above them. Whoever makes it CLOSING alone, by the last
    // end or by a refusal while nothing runs, opens the latch.
    private final AtomicLong word = new AtomicLong();
    private final CountDownLatch idle = new CountDownLatch(1);

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
        // Ordering: the count and CLOSING are one word, changed by read-modify-writes only.
        // Pairs:    refuse, and the other ends.
        // Gives:    exactly one of them sees the word become CLOSING alone, and opens the latch.
        // Checked:  jcstress UseAgainstClose;
        //           AsyncIoContract.shouldDeliverEveryCompletionWhenClosedWithRequestsInFlight.
        if (word.decrementAndGet() == CLOSING) {
            idle.countDown();
        }
    }

    /** Refuses further operations, for good. */
    void refuse() {
        if (word.getAndUpdate(seen -> seen | CLOSING) == 0) {
            idle.countDown();
        }
    }

    /** Refuses further operations and waits, through interrupts, for those under way. */
    void close() {
        refuse();
        awaitIdle(System.nanoTime() + Long.MAX_VALUE);
    }

    /**
     * Waits, through interrupts, for the operations under way after a {@link #refuse}; false when
     * some were left at the deadline.
     */
    boolean awaitIdle(long deadlineNanos) {
        boolean interrupted = false;
        try {
            for (; ; ) { // ends with the last operation or at the deadline
                try {
                    return idle.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Operations under way; may be stale. */
    long count() {
        return word.get() & ~CLOSING;
    }

    boolean isClosing() {
        return (word.get() & CLOSING) != 0;
    }
}
