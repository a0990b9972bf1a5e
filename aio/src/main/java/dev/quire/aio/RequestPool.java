package dev.quire.aio;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.Semaphore;

/**
 * The requests of an engine, as many as its queue is deep: to hold one is to be admitted.
 *
 * <p>Any thread. Ordinary threads wait for a request, virtual ones by parking; a completion never
 * waits.
 */
final class RequestPool {
    private final int queueDepth;
    private final Semaphore slots;
    private final MpmcVarHandleArrayQueue<IoRequest> free;
    // Plain: two that raise it at once may lose the higher one, which is no more than a statistic.
    private int takenMax;

    RequestPool(int queueDepth) {
        this.queueDepth = queueDepth;
        slots = new Semaphore(queueDepth);
        free = new MpmcVarHandleArrayQueue<>(Math.max(2, queueDepth));
        for (int i = 0; i < queueDepth; i++) {
            free.add(new IoRequest(true));
        }
    }

    /** A request; waits for one, through interrupts. */
    IoRequest take() {
        slots.acquireUninterruptibly();
        noteTaken();
        return pooled();
    }

    /** A request, or null when all are under way. */
    @Nullable IoRequest tryTake() {
        return tryAdmit() ? pooled() : null;
    }

    /** Admits a request that came without a slot; false when all slots are taken. */
    boolean tryAdmit() {
        boolean admitted = slots.tryAcquire();
        if (admitted) {
            noteTaken();
        }
        return admitted;
    }

    void putBackSlot() {
        slots.release();
    }

    /** Ends the stay of a freed request. */
    void putBack(IoRequest request) {
        if (request.pooled()) {
            // Before the slot: who gets the slot must find a request.
            free.add(request);
        }
        slots.release();
    }

    int freeSlots() {
        return slots.availablePermits();
    }

    int takenMax() {
        return takenMax;
    }

    private void noteTaken() {
        int taken = queueDepth - slots.availablePermits();
        if (taken > takenMax) {
            takenMax = taken;
        }
    }

    private IoRequest pooled() {
        return Objects.requireNonNull(free.poll(), "a slot without a request");
    }
}
