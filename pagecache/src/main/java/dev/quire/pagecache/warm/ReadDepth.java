package dev.quire.pagecache.warm;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;

/**
 * How many reads of warm restarts are under way in a cache, so that those that somebody waits for
 * find places in the engine and the device: many while nobody else reads, few otherwise.
 */
final class ReadDepth {
    /** While nobody else reads: as many as a fast device needs. */
    static final int QUIET_MAX = 16;

    /** While others read. */
    static final int BUSY_MAX = 2;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final LongPredicate busy;
    private int reads;
    private long pages;

    /**
     * No read under way.
     *
     * @param busy whether others read now, given how many pages these reads are about
     */
    ReadDepth(LongPredicate busy) {
        this.busy = busy;
    }

    /** Waits for a place, and takes it. Ends: each read under way ends, and looks again here. */
    void enter(int pagesOfRead) {
        lock.lock();
        try {
            while (reads >= (busy.test(pages) ? BUSY_MAX : QUIET_MAX)) {
                ended.awaitUninterruptibly();
            }
            reads++;
            pages += pagesOfRead;
        } finally {
            lock.unlock();
        }
    }

    /** A read has ended. */
    void exit(int pagesOfRead) {
        lock.lock();
        try {
            reads--;
            pages -= pagesOfRead;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
