package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The two sides of a request let go at once: exactly one of them sees to the report (S2.1, S2.2),
 * and it sees the result that the completion side stored.
 *
 * <p>The results are what each side would report: 0 when it leaves it to the other, 7 when it has
 * the result, 9 when it has none.
 */
final class SubmittedAgainstFinished {
    private SubmittedAgainstFinished() {}

    /** As a request does it: one word. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE, desc = "the submit side was the last")
    @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "the completion side was the last")
    @Outcome(expect = FORBIDDEN, desc = "reported twice, never, or without its result")
    @State
    public static class Actual {
        private final IoRequest request = new IoRequest(false);
        private final int generation = request.begin();

        @Actor
        public void submit(II_Result r) {
            if (request.submitted(generation)) {
                r.r1 = request.bytes == 7 ? 7 : 9;
            }
        }

        @Actor
        public void completion(II_Result r) {
            request.bytes = 7;
            if (request.finished(generation)) {
                r.r2 = request.bytes == 7 ? 7 : 9;
            }
        }
    }

    /** A flag a side, both volatile: each sets its own, then looks at the other's. */
    @JCStressTest
    @Outcome(
            id = {"7, 0", "0, 7"},
            expect = ACCEPTABLE,
            desc = "one was the last")
    @Outcome(id = "7, 7", expect = ACCEPTABLE_INTERESTING, desc = "an extra completion")
    @State
    public static class TwoFlags {
        private volatile boolean submitted;
        private volatile boolean finished;
        private long bytes;

        @Actor
        public void submit(II_Result r) {
            submitted = true;
            if (finished) {
                r.r1 = bytes == 7 ? 7 : 9;
            }
        }

        @Actor
        public void completion(II_Result r) {
            bytes = 7;
            finished = true;
            if (submitted) {
                r.r2 = bytes == 7 ? 7 : 9;
            }
        }
    }
}
