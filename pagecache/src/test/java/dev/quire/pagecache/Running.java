package dev.quire.pagecache;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Something a test does on a thread of its own; every wait for it has a deadline. */
public final class Running<T> {
    public static final long DEADLINE_SECONDS = 30;
    private static final long JOIN_MINUTES = 30; // a campaign

    private final FutureTask<T> task;
    private final Thread thread;

    private Running(Callable<T> work) {
        task = new FutureTask<>(work);
        thread = new Thread(task, "test-runner");
        thread.setDaemon(true);
    }

    /** What a test's thread does. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    public static <T> Running<T> start(Callable<T> work) {
        Running<T> running = new Running<>(work);
        running.thread.start();
        return running;
    }

    public static Running<Boolean> run(Work work) {
        return start(
                () -> {
                    work.run();
                    return true;
                });
    }

    /** What the thread answered; its exception is the cause of the one thrown here. */
    public T get() throws Exception {
        return task.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** As {@link #get}, for work that takes longer than the deadline of a wait. */
    public T join() throws Exception {
        return task.get(JOIN_MINUTES, TimeUnit.MINUTES);
    }

    public boolean isDone() {
        return task.isDone();
    }

    /** Waits until the thread sleeps (for a flag, a lock, a signal) or has finished. */
    public Running<T> awaitAsleep() {
        until(
                "thread sleeps: state=" + thread.getState(),
                () ->
                        task.isDone()
                                || thread.getState() == Thread.State.WAITING
                                || thread.getState() == Thread.State.TIMED_WAITING);
        return this;
    }

    /** Waits until the thread is inside a method, however it got there. */
    public Running<T> awaitInside(String method) {
        until(
                "thread is inside " + method,
                () ->
                        task.isDone()
                                || Arrays.stream(thread.getStackTrace())
                                        .anyMatch(frame -> frame.getMethodName().equals(method)));
        return this;
    }

    /** Waits until something holds; fails at the deadline. */
    public static void until(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("did not happen in time: " + what);
            }
            LockSupport.parkNanos(50_000);
        }
    }

    public static void await(CountDownLatch latch) {
        try {
            if (!latch.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("latch was not opened in time");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
