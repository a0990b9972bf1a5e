package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A thread of an engine does not sleep over a request: it sees the request, or the submitter wakes
 * it.
 *
 * <p>First result: 1 when the thread finds nothing and sleeps. Second: 1 when it was woken.
 */
final class OfferAgainstIdleThread {
    private OfferAgainstIdleThread() {}

    /** As the queue of an engine does it. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the thread saw the request in time")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "both saw each other")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the thread is woken")
    @Outcome(expect = FORBIDDEN, desc = "asleep over a request")
    @State
    public static class Actual {
        private final IoRequest request = new IoRequest(false);
        private final IoThread thread = new IoThread("never started", () -> {});
        private final WorkQueue queue = queue(thread);

        @Actor
        public void idle(II_Result r) {
            r.r1 = queue.fallAsleep(thread) == null ? 1 : 0;
        }

        @Actor
        public void submitter() {
            queue.offer(request);
        }

        @Arbiter
        public void woken(II_Result r) {
            r.r2 = thread.isAsleep() ? 0 : 1;
        }

        private static WorkQueue queue(IoThread thread) {
            WorkQueue queue = new WorkQueue(2);
            queue.serve(List.of(thread));
            return queue;
        }
    }

    /** The thread announces its sleep with release only. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the thread saw the request in time")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "both saw each other")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the thread is woken")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "asleep over a request")
    @State
    public static class ReleaseOnly {
        private final MpmcVarHandleArrayQueue<Boolean> requests = new MpmcVarHandleArrayQueue<>(2);
        private final AtomicBoolean asleep = new AtomicBoolean();

        @Actor
        public void idle(II_Result r) {
            asleep.setRelease(true);
            r.r1 = requests.isEmpty() ? 1 : 0;
        }

        @Actor
        public void submitter() {
            requests.offer(true);
            if (asleep.getAcquire()) {
                asleep.compareAndSet(true, false);
            }
        }

        @Arbiter
        public void woken(II_Result r) {
            r.r2 = asleep.get() ? 0 : 1;
        }
    }
}
