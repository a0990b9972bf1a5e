package dev.quire.aio;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Requests on their way to the owner of a ring, who sleeps in the kernel and is woken by a
 * doorbell.
 *
 * <p>Bounded by admission, as {@link WorkQueue}. Whoever ends a sleep rings once; the owner counts
 * those rings, so that it can wait for the last one before the doorbell goes.
 */
final class RingInbox {
    private final Queue<IoRequest> requests;
    private final Runnable doorbell;

    // True from before the owner's last look at the queue until somebody, itself included, takes it
    // back.
    private final AtomicBoolean asleep = new AtomicBoolean();
    private volatile boolean closed;
    private long ringsPromised; // the owner's

    RingInbox(int queueDepth, Runnable doorbell) {
        this(new MpscVarHandleArrayQueue<>(Math.max(2, queueDepth)), doorbell);
    }

    /** Over a bounded queue with many threads on the offering side. */
    RingInbox(Queue<IoRequest> requests, Runnable doorbell) {
        this.requests = requests;
        this.doorbell = doorbell;
    }

    void offer(IoRequest request) {
        if (!requests.offer(request)) {
            throw new IllegalStateException(
                    "ring inbox over its admission: requests=" + requests.size());
        }
        endSleep();
    }

    /** The owner is to end once it has nothing left; callers offer nothing any more. */
    void close() {
        closed = true;
        endSleep();
    }

    // ---- the owner's side

    @Nullable IoRequest poll() {
        return requests.poll();
    }

    boolean isClosed() {
        return closed;
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }

    /** Announces a sleep; false when there is a reason not to. {@link #wakeUp} follows anyway. */
    boolean fallAsleep() {
        // Ordering: "asleep" is stored, then a full fence, then queue and "closed" are looked at.
        // Pairs:    endSleep, which looks at "asleep" only after its own store and a full fence.
        // Gives:    either the owner sees the request or the submitter sees the sleeper and rings.
        // Checked:  jcstress OfferAgainstSleep; RingInboxTest, UringEngineTest.shouldLoseNoWakeUp.
        asleep.set(true);
        VarHandle.fullFence();
        return requests.isEmpty() && !closed;
    }

    /** Takes the announcement back. */
    void wakeUp() {
        if (!asleep.compareAndSet(true, false)) {
            ringsPromised++;
        }
    }

    /** How often somebody has rung, or is about to. */
    long ringsPromised() {
        return ringsPromised;
    }

    private void endSleep() {
        VarHandle.fullFence();
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            doorbell.run();
        }
    }
}
