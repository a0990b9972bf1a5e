package dev.quire.aio;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue for many threads on both sides, which are often more than there are processors.
 *
 * <p>A thread that loses its processor in the midst of a step leaves a gap that others must wait
 * for. They yield to it: to spin would last as long as their time slices.
 */
@SuppressWarnings("ThreadPriorityCheck") // for speed only: nothing depends on the yield
final class RequestQueue extends MpmcVarHandleArrayQueue<IoRequest> {
    RequestQueue(int capacity) {
        super(Math.max(2, capacity));
    }

    /** False only when it is full. */
    @Override
    public boolean offer(IoRequest request) {
        while (!relaxedOffer(request)) { // ends when the gap is closed
            if (size() >= capacity()) {
                return false;
            }
            Thread.yield();
        }
        return true;
    }

    /** Null only when it is empty. */
    @Override
    public @Nullable IoRequest poll() {
        for (; ; ) { // ends when the gap is closed
            IoRequest request = relaxedPoll();
            if (request != null || isEmpty()) {
                return request;
            }
            Thread.yield();
        }
    }
}
