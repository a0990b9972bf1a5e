package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * A completion submits to a full queue while a place is given back: one of the two starts the
 * request, so that it is not left behind.
 *
 * <p>The results say who starts it.
 */
final class OverflowAgainstGiveBack {
    private OverflowAgainstGiveBack() {}

    /** As a pool does it: the request before the look for a place, the place before the look. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the completion found the place")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the report found the request")
    @Outcome(expect = FORBIDDEN, desc = "left behind, or started twice")
    @State
    public static class Actual {
        private final RequestPool pool = new RequestPool(1, new IoCancellation());
        private final IoRequest reported = pool.take();
        private final IoRequest overflowed = new IoRequest(false);

        @Actor
        public void completion(II_Result r) {
            pool.overflow(overflowed);
            r.r1 = pool.nextOverflowed() == overflowed ? 1 : 0;
        }

        @Actor
        public void report(II_Result r) {
            pool.putBack(reported);
            r.r2 = pool.nextOverflowed() == overflowed ? 1 : 0;
        }
    }

    /** The report looks for a request first, and gives the place back when there is none. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the completion found the place")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the report found the request")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "left behind")
    @State
    public static class LookThenGiveBack {
        private final Semaphore slots = new Semaphore(0);
        private final ConcurrentLinkedQueue<Boolean> overflow = new ConcurrentLinkedQueue<>();

        @Actor
        public void completion(II_Result r) {
            overflow.add(true);
            r.r1 = slots.tryAcquire() && overflow.poll() != null ? 1 : 0;
        }

        @Actor
        public void report(II_Result r) {
            if (overflow.poll() != null) {
                r.r2 = 1;
            } else {
                slots.release();
            }
        }
    }
}
