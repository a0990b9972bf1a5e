package dev.quire.progress.scene;

import dev.quire.pagecache.PagedFile;
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

    /** Whose hits wait for pages that an actor moves. */
    public static final class OtherPages extends CacheScene {
        @Override
        void actOnce(int number) {
            relocate(number);
        }

        @Override
        void hit(PagedFile file, long page) {
            pinAllOf(0);
            super.hit(file, page);
        }
    }

    /** One of whose two actors moves pages, while hits wait for those that the other writes to. */
    public static final class LatchedPages extends CacheScene {
        @Override
        void actOnce(int number) {
            if (number == 0) {
                relocate(number);
            } else {
                write(number);
            }
        }

        @Override
        void hit(PagedFile file, long page) {
            readAllOf(1);
            super.hit(file, page);
        }
    }
}
