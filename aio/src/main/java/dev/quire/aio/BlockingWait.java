package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;

/**
 * The completion of a blocking form: one thread, virtual or not, parks until it ran.
 *
 * <p>Waits through interrupts, because the kernel may still write to the caller's memory, and
 * leaves the interrupt flag as it found it.
 */
final class BlockingWait implements IoCompletion {
    private final Thread waiter = Thread.currentThread();
    private long bytes;
    private @Nullable IoException failure;
    private volatile boolean done;

    @Override
    public void complete(long bytes, @Nullable IoException failure) {
        this.bytes = bytes;
        this.failure = failure;
        done = true;
        LockSupport.unpark(waiter);
    }

    long await() throws IoException {
        boolean interrupted = false;
        while (!done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            waiter.interrupt();
        }
        if (failure != null) {
            throw failure.onCaller();
        }
        return bytes;
    }
}
