package dev.quire.aio;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
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

    private final IoRequest[] all;

    RequestPool(int queueDepth, IoCancellation callOff) {
        slots = new Semaphore(queueDepth);
        free = new MpmcVarHandleArrayQueue<>(Math.max(2, queueDepth));
        all = new IoRequest[queueDepth];
        for (int i = 0; i < queueDepth; i++) {
            all[i] = new IoRequest(true, callOff);
            free.add(all[i]);
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

    /** What the requests under way do; may be stale. */
    List<String> inFlight() {
        return Arrays.stream(all).map(IoRequest::describe).filter(Objects::nonNull).toList();
    }

    int freeSlots() {
        return slots.availablePermits();
    }

    private IoRequest pooled() {
        return Objects.requireNonNull(free.poll(), "a slot without a request");
    }
}
