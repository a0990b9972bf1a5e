package dev.quire.progress.scene;

import dev.quire.pagecache.ReplacementPolicy;

import java.util.concurrent.locks.ReentrantLock;

/** Page caches that are not lock-free where they should be: canaries. */
public final class CacheTwins {
    private CacheTwins() {}

    /** Guarded by a lock. */
    public static final class Locked extends CacheScene {
        private final ReentrantLock lock = new ReentrantLock();

        @Override
        void guarded(Runnable operation) {
            lock.lock();
            try {
                super.guarded(operation);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whose lists everybody waits for who brings a page in. */
    public static final class TwoLists extends CacheScene {
        @Override
        ReplacementPolicy replacement() {
            return ReplacementPolicy.TWO_LIST;
        }
    }
}
