package dev.quire.aio;

import dev.quire.aio.events.RingFullEvent;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * The requests of an engine, as many as its queue is deep: to hold one is to be admitted.
 *
 * <p>Any thread. Ordinary threads wait for a request, virtual ones by parking; a completion never
 * waits.
 */
final class RequestPool {
    private final Semaphore slots;
    private final RequestQueue free;
    private final IoRequest[] all;
    // Requests of completions that found no slot: unpooled, so that a completion never waits.
    private final ConcurrentLinkedQueue<IoRequest> overflowed = new ConcurrentLinkedQueue<>();
    private final LongAdder waits = new LongAdder();
    private final LongAdder waitNanos = new LongAdder();
    // Plain: two that raise it at once may lose the higher one, which is no more than a statistic.
    private int takenMax;

    RequestPool(int queueDepth, IoCancellation callOff) {
        slots = new Semaphore(queueDepth);
        free = new RequestQueue(queueDepth);
        all = new IoRequest[queueDepth];
        for (int i = 0; i < queueDepth; i++) {
            all[i] = new IoRequest(true, callOff);
            free.add(all[i]);
        }
    }

    /** A request; waits for one, through interrupts. */
    IoRequest take() {
        if (!slots.tryAcquire()) {
            awaitSlot();
        }
        noteTaken();
        return pooled();
    }

    private void awaitSlot() {
        RingFullEvent event = new RingFullEvent();
        event.begin();
        long start = System.nanoTime();
        slots.acquireUninterruptibly();
        waitNanos.add(System.nanoTime() - start);
        waits.increment();
        if (event.shouldCommit()) {
            event.queueDepth = all.length;
            event.commit();
        }
    }

    /** A request, or null when all are under way. */
    @Nullable IoRequest tryTake() {
        return tryAdmit() ? pooled() : null;
    }

    /** Takes a request that is not of this pool, to wait for a slot. Never waits itself. */
    void overflow(IoRequest request) {
        overflowed.add(request);
    }

    /**
     * A request that waited for a slot, with the slot; null when there is none, or no slot. Whoever
     * has added a request or given a slot back asks until the answer is null.
     */
    @Nullable IoRequest nextOverflowed() {
        // Ordering: a request is added before a slot is tried for; a slot is given back before the
        //           queue is looked at. All are volatile accesses.
        // Pairs:    a submit in a completion, a report on another thread.
        // Gives:    the last of the two sees the other: no request is left behind.
        // Checked:  jcstress OverflowAgainstGiveBack;
        //           AsyncIoContract.shouldNeverWaitWhenACompletionSubmitsToAFullQueue.
        while (!overflowed.isEmpty() && tryAdmit()) { // bound: a round without gain is another's
            IoRequest request = overflowed.poll();
            if (request != null) {
                return request;
            }
            slots.release();
        }
        return null;
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

    /** Times that somebody waited for a slot. */
    long waits() {
        return waits.sum();
    }

    /** How long, all threads together. */
    long waitNanos() {
        return waitNanos.sum();
    }

    /** Most slots that were taken at once. */
    int takenMax() {
        return takenMax;
    }

    private boolean tryAdmit() {
        boolean admitted = slots.tryAcquire();
        if (admitted) {
            noteTaken();
        }
        return admitted;
    }

    private void noteTaken() {
        int taken = all.length - slots.availablePermits();
        if (taken > takenMax) {
            takenMax = taken;
        }
    }

    private IoRequest pooled() {
        return Objects.requireNonNull(free.poll(), "a slot without a request");
    }
}
