package dev.quire.pagecache;

import dev.quire.pagecache.backing.CloseTimeoutException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The end of a cache, on a thread of its own: stores may hang, and whoever closes the cache waits
 * for them no longer than he said.
 */
final class CacheClosing {
    /** What is to be done. */
    interface Work {
        void run() throws IOException;
    }

    /** Says what is not closed yet. */
    interface Report {
        String get();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final ThreadFactory threads;
    private final Work work;
    private final Report report;
    private final Duration limit;
    private @Nullable FutureTask<Boolean> task;
    private boolean told;

    CacheClosing(ThreadFactory threads, Work work, Report report, Duration limit) {
        this.threads = threads;
        this.work = work;
        this.report = report;
        this.limit = limit;
    }

    /**
     * Closes the cache, or waits for who does; an error is reported once.
     *
     * @throws CloseTimeoutException if it takes longer; it goes on, and a further call waits again
     */
    void close() throws IOException {
        try {
            await(started());
        } catch (TimeoutException e) {
            throw new CloseTimeoutException(limit, report.get());
        } catch (ExecutionException e) {
            tell(e.getCause());
        }
    }

    private FutureTask<Boolean> started() {
        lock.lock();
        try {
            FutureTask<Boolean> started = task;
            if (started == null) {
                started =
                        new FutureTask<>(
                                () -> {
                                    work.run();
                                    return true;
                                });
                threads.newThread(started).start();
                task = started; // not before: without a thread nobody would end it
            }
            return started;
        } finally {
            lock.unlock();
        }
    }

    private void await(FutureTask<Boolean> running) throws TimeoutException, ExecutionException {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                long left = limit.toNanos() - (System.nanoTime() - start);
                try {
                    running.get(Math.max(0, left), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true; // closing is not given up half-way
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void tell(@Nullable Throwable error) throws IOException {
        lock.lock();
        try {
            if (told) {
                return;
            }
            told = true;
        } finally {
            lock.unlock();
        }
        switch (error) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> throw new IllegalStateException("closing failed", error);
        }
    }
}
