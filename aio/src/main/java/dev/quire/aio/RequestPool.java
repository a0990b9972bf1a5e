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
    private final Semaphore slots;
    private final MpmcVarHandleArrayQueue<IoRequest> free;

    RequestPool(int queueDepth) {
        slots = new Semaphore(queueDepth);
        free = new MpmcVarHandleArrayQueue<>(Math.max(2, queueDepth));
        for (int i = 0; i < queueDepth; i++) {
            free.add(new IoRequest(true));
        }
    }

    /** A request; waits for one, through interrupts. */
    IoRequest take() {
        slots.acquireUninterruptibly();
        return pooled();
    }

    /** A request, or null when all are under way. */
    @Nullable IoRequest tryTake() {
        return slots.tryAcquire() ? pooled() : null;
    }

    /** Admits a request that came without a slot; false when all slots are taken. */
    boolean tryAdmit() {
        return slots.tryAcquire();
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

    private IoRequest pooled() {
        return Objects.requireNonNull(free.poll(), "a slot without a request");
    }
}
