package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;

/** A thread of an engine: runs requests and completions, cannot be interrupted. */
final class IoThread extends Thread {
    // True from before its last look at the queue until somebody, itself included, takes it back.
    private final AtomicBoolean asleep = new AtomicBoolean();

    // This thread's, but for the first, which is set before it starts.
    private @Nullable WorkQueue served;
    private boolean promised;

    IoThread(String name, Runnable work) {
        super(null, work, name, 0, false);
        setDaemon(true);
    }

    /** Whether the calling thread may only do what a completion may do. */
    static boolean restricted() {
        return Thread.currentThread() instanceof IoThread;
    }

    /** Does nothing: an interrupt in the midst of a channel operation would close the file. */
    @Override
    public void interrupt() {}

    /** Names the queue that it takes requests from; before it starts. */
    void serve(WorkQueue queue) {
        served = queue;
    }

    /** True for one request between two takes: this thread itself sees to it that one is taken. */
    boolean promisesToTake(WorkQueue queue) {
        if (served != queue || promised) {
            return false;
        }
        promised = true;
        return true;
    }

    /** It takes a request. */
    void keepPromise() {
        promised = false;
    }

    void fallAsleep() {
        asleep.set(true);
    }

    boolean isAsleep() {
        return asleep.get();
    }

    /** True for the one caller that ends this sleep. */
    boolean wake() {
        return asleep.get() && asleep.compareAndSet(true, false);
    }

    /** Waits for its end, through interrupts, and keeps the caller's flag. */
    void joinUninterruptibly() {
        boolean interrupted = false;
        while (isAlive()) { // ends with the thread
            try {
                join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
