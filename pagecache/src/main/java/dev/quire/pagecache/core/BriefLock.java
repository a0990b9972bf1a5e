package dev.quire.pagecache.core;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is mostly held for some dozens of instructions: who finds it taken spins, which is
 * shorter than sleep; and who finds it taken for longer may go without.
 */
public final class BriefLock {
    private static final int SPINS_MAX = 100;

    private final ReentrantLock lock = new ReentrantLock();

    /** Nobody's. */
    public BriefLock() {}

    /** Takes it, however long that takes. */
    public void lock() {
        if (!tryLock()) {
            lock.lock();
        }
    }

    /**
     * Takes it, unless somebody is held up with it.
     *
     * @return whether it is the caller's
     */
    public boolean tryLock() {
        for (int spins = 0; spins < spinsMax(); spins++) {
            if (lock.tryLock()) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    private static int spinsMax() {
        return SPINS_MAX;
    }

    /**
     * Takes it, unless somebody is held up with it for long.
     *
     * @param nanos how long the caller sleeps for it at most; not at all if interrupted
     * @return whether it is the caller's
     */
    public boolean tryLock(long nanos) {
        try {
            return lock.tryLock(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return lock.tryLock();
        }
    }

    /**
     * Takes it if nobody has it.
     *
     * @return whether it is the caller's
     */
    public boolean tryLockNow() {
        return lock.tryLock();
    }

    /** Gives it back. */
    public void unlock() {
        lock.unlock();
    }
}
