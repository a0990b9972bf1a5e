package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs what one store, or its hooks, may take long over, on threads of the cache: a few tasks at a
 * time, so that a store that hangs holds up itself and no other.
 */
final class StoreLane implements Executor {
    /** How many tasks of one store run at a time. */
    static final int WIDTH = 16;

    private final Executor threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private final ThreadLocal<Boolean> inside = new ThreadLocal<>();
    private int running;

    StoreLane(Executor threads) {
        this.threads = threads;
    }

    /** Whether the calling thread runs a task of this lane. */
    boolean isInside() {
        return inside.get() != null;
    }

    /** Runs a task, which throws nothing, soon. */
    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            if (running == WIDTH) {
                waiting.add(task);
                return;
            }
            running++;
        } finally {
            lock.unlock();
        }
        try {
            threads.execute(() -> work(task));
        } catch (RuntimeException | Error e) { // no thread to be had: better here than never
            work(task);
        }
    }

    private void work(Runnable first) {
        boolean mine = inside.get() == null;
        inside.set(true);
        Runnable task = first;
        try {
            while (task != null) {
                task.run();
                task = next();
            }
        } finally {
            if (task != null) {
                end(); // it threw
            }
            if (mine) {
                inside.remove();
            }
        }
    }

    private void end() {
        lock.lock();
        try {
            running--;
        } finally {
            lock.unlock();
        }
    }

    /** The next task of this thread; null when it is done here. */
    private @Nullable Runnable next() {
        lock.lock();
        try {
            Runnable task = waiting.poll();
            running -= task == null ? 1 : 0;
            return task;
        } finally {
            lock.unlock();
        }
    }
}
