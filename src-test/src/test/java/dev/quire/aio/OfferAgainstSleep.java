package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The owner of a ring does not sleep over a request: it sees the request, or the submitter rings.
 *
 * <p>First result: 1 when the owner sleeps. Second: how often the doorbell rang.
 */
final class OfferAgainstSleep {
    private OfferAgainstSleep() {}

    /** As an inbox does it. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the owner saw the request in time")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "both saw each other")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the owner is woken")
    @Outcome(expect = FORBIDDEN, desc = "asleep over a request")
    @State
    public static class Actual {
        private final IoRequest request = new IoRequest(false);
        private final RingInbox inbox = new RingInbox(2, () -> rang());
        private int rings;

        @Actor
        public void owner(II_Result r) {
            r.r1 = inbox.fallAsleep(false) ? 1 : 0;
        }

        @Actor
        public void submitter() {
            inbox.offer(request);
        }

        @Arbiter
        public void count(II_Result r) {
            r.r2 = rings;
        }

        private void rang() {
            rings++;
        }
    }

    /** The owner announces its sleep with release only. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "the owner saw the request in time")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "both saw each other")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the owner is woken")
    @Outcome(id = "1, 0", expect = ACCEPTABLE_INTERESTING, desc = "asleep over a request")
    @State
    public static class ReleaseOnly {
        private final MpscVarHandleArrayQueue<Boolean> requests = new MpscVarHandleArrayQueue<>(2);
        private final AtomicBoolean asleep = new AtomicBoolean();
        private int rings;

        @Actor
        public void owner(II_Result r) {
            asleep.setRelease(true);
            r.r1 = requests.isEmpty() ? 1 : 0;
        }

        @Actor
        public void submitter() {
            requests.offer(true);
            if (asleep.getAcquire() && asleep.compareAndSet(true, false)) {
                rings++;
            }
        }

        @Arbiter
        public void count(II_Result r) {
            r.r2 = rings;
        }
    }
}
