package dev.quire.pagecache.writeback;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that write files back, each one file at a time, so that a store that hangs stops nobody
 * but itself. They come when there is work for them and go when there is none for a while.
 */
final class FlushWorkers {
    /** As many stores may hang until write-back of the others stops. */
    static final int THREADS_MAX = 32;

    private static final long IDLE_SECONDS = 5;

    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(
                    0,
                    THREADS_MAX,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    FlushWorkers::newThread);

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "quire-write-back");
        thread.setDaemon(true);
        return thread;
    }

    /** Runs a task on a thread of its own; false when all are at work, or after close. */
    boolean tryRun(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Takes no more work. What is under way ends by itself. */
    void close() {
        threads.shutdown();
    }
}
