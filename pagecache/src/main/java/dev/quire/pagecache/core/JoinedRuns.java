package dev.quire.pagecache.core;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Work that many ask for and that serves all who asked before it began. One run at a time; whoever
 * asks while a run is under way shares the next one, so that any number of callers costs two runs.
 *
 * <p>Source: group commit.
 */
public final class JoinedRuns {
    /** What is run. */
    @FunctionalInterface
    public interface Work {
        /**
         * The work.
         *
         * @throws Exception for all who asked for it
         */
        void run() throws Exception;
    }

    private static final class Run {
        boolean done;
        @Nullable Throwable failure;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private boolean running;
    private @Nullable Run next; // asked for, not begun

    /** Nothing runs. */
    public JoinedRuns() {}

    /**
     * Runs the work, or waits for a run of it that begins after this call.
     *
     * @param work the same for all callers
     * @return what the run failed with; null when it did not
     */
    @SuppressWarnings("CatchThrowable") // Whatever it was, all who wait must be told.
    public @Nullable Throwable join(Work work) {
        Run run = enter();
        if (run.done) {
            return run.failure;
        }
        Throwable failure = null;
        try {
            work.run();
        } catch (Throwable e) {
            failure = e;
        } finally {
            leave(run, failure);
        }
        return failure;
    }

    /** Answers a run that is done, or one that the caller is to run now. */
    private Run enter() {
        lock.lock();
        try {
            Run run = next;
            if (run != null) {
                while (!run.done) {
                    ended.awaitUninterruptibly();
                }
                return run;
            }
            run = new Run();
            next = run;
            while (running) {
                ended.awaitUninterruptibly();
            }
            running = true;
            next = null; // who comes now may have changed something that this run does not see
            return run;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Run run, @Nullable Throwable failure) {
        lock.lock();
        try {
            run.failure = failure;
            run.done = true;
            running = false;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
