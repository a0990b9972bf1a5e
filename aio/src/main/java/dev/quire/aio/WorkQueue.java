package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests waiting for a thread of the engine, and the threads waiting for a request.
 *
 * <p>Bounded by admission: it holds at most as many requests as the pool lets through, so an offer
 * never fails. Offers come from any thread and never wait.
 */
final class WorkQueue implements Lane {
    private final Queue<IoRequest> requests;
    private final AtomicInteger sleepers = new AtomicInteger();
    private volatile List<IoThread> threads = List.of();
    private volatile boolean closed;

    WorkQueue(int queueDepth) {
        this(new RequestQueue(queueDepth));
    }

    /** Over a bounded queue for many threads on both sides. */
    WorkQueue(Queue<IoRequest> requests) {
        this.requests = requests;
    }

    /** Names the threads that take from here; before the first of them starts. */
    void serve(List<IoThread> takers) {
        threads = List.copyOf(takers);
        threads.forEach(taker -> taker.serve(this));
    }

    @Override
    public void offer(IoRequest request) {
        if (!requests.offer(request)) {
            throw new IllegalStateException(
                    "work queue over its admission: requests=" + requests.size());
        }
        // A thread whose completion submits comes back for a request right after it: to wake
        // another for it would only move it to that one. bench/results/aio.md
        if (!(Thread.currentThread() instanceof IoThread self && self.promisesToTake(this))) {
            wakeOne();
        }
    }

    /** The next request for a thread of the engine; null once the queue is closed and empty. */
    @Nullable IoRequest take(IoThread self) {
        self.keepPromise();
        for (; ; ) { // ends when a request comes or the queue is closed
            IoRequest request = requests.poll();
            if (request != null) {
                return request;
            }
            request = fallAsleep(self);
            if (request != null || closed) {
                if (self.wake()) {
                    sleepers.decrementAndGet();
                } else if (!requests.isEmpty()) {
                    wakeOne(); // somebody woke us for a request that we are not going to take now
                }
                return request != null ? request : requests.poll();
            }
            while (self.isAsleep()) {
                LockSupport.park(this);
            }
        }
    }

    /** Announces a sleep; answers a request that came before it, which ends it. */
    @Nullable IoRequest fallAsleep(IoThread self) {
        // Ordering: "asleep" and the count are stored before the queue is looked at once more.
        // Pairs:    wakeOne, which looks at the count only after its request is in the queue.
        // Gives:    either this thread sees the request or the submitter sees this sleeper.
        // Checked:  jcstress OfferAgainstIdleThread;
        //           WorkQueueTest.shouldSeeARequestOfferedAfterItsLastLook.
        self.fallAsleep();
        sleepers.incrementAndGet();
        return requests.poll();
    }

    @Override
    public boolean takes(IoRequest request) {
        return true;
    }

    /** Lets the threads go; who started them waits for them. */
    @Override
    public void close() {
        closed = true;
        for (IoThread thread : threads) {
            if (thread.wake()) {
                sleepers.decrementAndGet();
            }
            LockSupport.unpark(thread);
        }
    }

    private void wakeOne() {
        VarHandle.fullFence();
        if (sleepers.get() == 0) {
            return;
        }
        for (IoThread thread : threads) {
            if (thread.wake()) {
                sleepers.decrementAndGet();
                LockSupport.unpark(thread);
                return;
            }
        }
    }
}
