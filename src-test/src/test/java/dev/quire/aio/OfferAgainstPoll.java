package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Whoever takes a request out of a lane sees what its submitter filled in.
 *
 * <p>The results are what the taker sees: of the transfer, 7 or nothing; of the word, 1 when it is
 * begun. Both 0: there was no request yet.
 */
final class OfferAgainstPoll {
    private OfferAgainstPoll() {}

    /** As a submit does it: filled, begun, offered. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "too early")
    @Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "the whole request")
    @Outcome(expect = FORBIDDEN, desc = "a request that was not filled in")
    @State
    public static class Actual {
        private final IoRequest request = new IoRequest(false);
        private final RingInbox inbox = new RingInbox(2, () -> {});

        @Actor
        public void submitter() {
            request.progress.length = 7;
            int _ = request.begin();
            inbox.offer(request);
        }

        @Actor
        public void owner(II_Result r) {
            IoRequest taken = inbox.poll();
            if (taken != null) {
                r.r1 = (int) taken.progress.length;
                r.r2 = taken.isRunning() ? 1 : 0;
            }
        }
    }

    /** The last field is filled in after the offer, since the queue has it by reference anyway. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "too early")
    @Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "the whole request")
    @Outcome(id = "0, 1", expect = ACCEPTABLE_INTERESTING, desc = "not filled in")
    @State
    public static class FilledAfterTheOffer {
        private final IoRequest request = new IoRequest(false);
        private final MpscVarHandleArrayQueue<IoRequest> queue = new MpscVarHandleArrayQueue<>(2);

        @Actor
        public void submitter() {
            int _ = request.begin();
            queue.offer(request);
            request.progress.length = 7;
        }

        @Actor
        public void owner(II_Result r) {
            IoRequest taken = queue.poll();
            if (taken != null) {
                r.r1 = (int) taken.progress.length;
                r.r2 = taken.isRunning() ? 1 : 0;
            }
        }
    }
}
