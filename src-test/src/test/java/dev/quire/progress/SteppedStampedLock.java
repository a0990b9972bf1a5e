package dev.quire.progress;

import java.util.concurrent.locks.StampedLock;

/** A lock for which a puppet waits by stopping. */
public final class SteppedStampedLock extends StampedLock {
    private static final long serialVersionUID = 1L;

    /** Nobody's. */
    public SteppedStampedLock() {}

    @Override
    public long readLock() {
        long stamp = tryReadLock();
        while (stamp == 0) {
            if (!Puppet.waits(this)) {
                return super.readLock();
            }
            stamp = tryReadLock();
        }
        return stamp;
    }

    @Override
    public long writeLock() {
        long stamp = tryWriteLock();
        while (stamp == 0) {
            if (!Puppet.waits(this)) {
                return super.writeLock();
            }
            stamp = tryWriteLock();
        }
        return stamp;
    }
}
