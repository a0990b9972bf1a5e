package dev.quire.pagecache.core;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Something that goes on step by step, and threads that wait for the next step: who takes the count
 * first, then looks whether he has to wait, and then waits for another count, misses no step.
 */
public final class Progress {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition made = lock.newCondition();
    private volatile long count;

    /** No step yet. */
    public Progress() {}

    /**
     * How many steps there were.
     *
     * @return what {@link #await} is to be given
     */
    public long count() {
        return count;
    }

    /** A step: wakes who waits. Any thread; takes a lock for a moment. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
    public void made() {
        lock.lock();
        try {
            count++;
            made.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next step. An interrupt does not end it, and is set again afterwards.
     *
     * @param seen the count before the caller found that it has to wait
     * @param nanosMax how long at most
     */
    public void await(long seen, long nanosMax) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + nanosMax;
        lock.lock();
        try {
            long left = nanosMax;
            while (count == seen && left > 0) {
                try {
                    left = made.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                    left = deadline - System.nanoTime();
                }
            }
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
