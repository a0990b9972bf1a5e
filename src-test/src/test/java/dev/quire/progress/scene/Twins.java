package dev.quire.progress.scene;

import dev.quire.progress.Scene;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/** Allocators that are not lock-free: canaries. */
public final class Twins {
    private Twins() {}

    /**
     * The allocator as it is.
     *
     * @return its class
     */
    public static Class<? extends Scene> actual() {
        return AllocatorScene.class;
    }

    /** Guarded by a lock. */
    public static final class Locked extends AllocatorScene {
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

    /** Waits for a flag that another thread clears, politely. */
    public static final class Spinning extends AllocatorScene {
        private final AtomicBoolean busy = new AtomicBoolean();

        @Override
        void guarded(Runnable operation) {
            while (!busy.compareAndSet(false, true)) {
                Thread.onSpinWait();
            }
            super.guarded(operation);
            busy.set(false);
        }
    }

    /** As Spinning, but does not even say that it spins. */
    public static final class Busy extends AllocatorScene {
        private final AtomicBoolean busy = new AtomicBoolean();

        @Override
        void guarded(Runnable operation) {
            boolean mine;
            do {
                mine = busy.compareAndSet(false, true);
            } while (!mine);
            super.guarded(operation);
            busy.set(false);
        }
    }
}
