package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A request is called off while it is submitted: its engine is told to look for it, or finds it
 * called off when it begins.
 *
 * <p>First result: 1 when the engine was told. Second: 1 when it saw the advice.
 */
final class CancelAgainstSubmit {
    private CancelAgainstSubmit() {}

    /** As a cancellation does it. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the engine was told")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the engine saw the advice")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both")
    @Outcome(expect = FORBIDDEN, desc = "the advice was lost")
    @State
    public static class Actual {
        // One for all states: it has threads. The thread that cancels is the one that tells it.
        private static final ThreadLocal<int[]> TOLD = ThreadLocal.withInitial(() -> new int[1]);
        private static final IoWorkers ENGINE = engine();

        private final IoCancellation cancellation = new IoCancellation();

        @Actor
        public void cancel(II_Result r) {
            int[] told = TOLD.get();
            told[0] = 0;
            cancellation.cancel();
            r.r1 = told[0];
        }

        @Actor
        public void submit(II_Result r) {
            cancellation.watchedBy(ENGINE);
            r.r2 = cancellation.isCancelled() ? 1 : 0;
        }

        private static IoWorkers engine() {
            IoWorkers workers =
                    new IoWorkers(AsyncIoConfig.builder().queueDepth(1).threads(1).build());
            workers.useRing(
                    new Lane() {
                        @Override
                        public void offer(IoRequest request) {}

                        @Override
                        public boolean takes(IoRequest request) {
                            return false;
                        }

                        @Override
                        public void lookForAborts() {
                            TOLD.get()[0] = 1;
                        }

                        @Override
                        public void close() {}
                    });
            return workers;
        }
    }

    /** Advice and engine are stored with release only. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "somebody saw it")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "the advice was lost")
    @State
    public static class ReleaseOnly {
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private final AtomicReference<String> engine = new AtomicReference<>("none");

        @Actor
        public void cancel(II_Result r) {
            cancelled.setRelease(true);
            r.r1 = engine.getAcquire().equals("none") ? 0 : 1;
        }

        @Actor
        public void submit(II_Result r) {
            engine.setRelease("some");
            r.r2 = cancelled.getAcquire() ? 1 : 0;
        }
    }
}
