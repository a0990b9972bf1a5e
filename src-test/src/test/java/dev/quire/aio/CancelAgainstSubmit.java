package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A request that begins while it is called off is told: it sees the advice, or its engine is.
 *
 * <p>First result: whether the request saw the advice. Second: whether the engine was told.
 */
final class CancelAgainstSubmit {
    private CancelAgainstSubmit() {}

    /** As an engine does it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "called off before")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "called off after")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both saw each other")
    @Outcome(expect = FORBIDDEN, desc = "the advice is lost")
    @State
    public static class Actual {
        private final IoCancellation cancellation = new IoCancellation();
        private boolean told;

        @Actor
        public void submitter(ZZ_Result r) {
            cancellation.watchedBy(() -> told = true);
            r.r1 = cancellation.isCancelled();
        }

        @Actor
        public void canceller() {
            cancellation.cancel();
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r2 = told;
        }
    }

    /** The submitter looks before it names its engine. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "called off before")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "called off after")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "both saw each other")
    @Outcome(id = "false, false", expect = ACCEPTABLE_INTERESTING, desc = "the advice is lost")
    @State
    public static class LookFirst {
        private final IoCancellation cancellation = new IoCancellation();
        private boolean told;

        @Actor
        public void submitter(ZZ_Result r) {
            r.r1 = cancellation.isCancelled();
            cancellation.watchedBy(() -> told = true);
        }

        @Actor
        public void canceller() {
            cancellation.cancel();
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r2 = told;
        }
    }
}
