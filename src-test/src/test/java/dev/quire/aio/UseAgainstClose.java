package dev.quire.aio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file is closed while somebody begins to use it (S2.13): either the use is refused, or the close
 * waits for it. A close that was not woken would hang the test.
 *
 * <p>The result: 0 when the use was refused, 1 when its file was open all the while, 2 when not.
 */
final class UseAgainstClose {
    private UseAgainstClose() {}

    /** As a file does it: users and "closing" in one word. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "refused")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "used, then closed")
    @Outcome(expect = FORBIDDEN, desc = "used after the close: perhaps another's descriptor")
    @State
    public static class Actual {
        private final FileUse use = new FileUse();
        private volatile boolean closed;

        @Actor
        public void user(I_Result r) {
            if (use.tryBegin()) {
                r.r1 = closed ? 2 : 1;
                use.end();
            }
        }

        @Actor
        public void closer() {
            use.close();
            closed = true;
        }
    }

    /** The flag first, then the count: between the two a close finds nobody. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "refused")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "used, then closed")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "used after the close")
    @State
    public static class FlagThenCount {
        private final AtomicInteger users = new AtomicInteger();
        private volatile boolean closing;
        private volatile boolean closed;

        @Actor
        public void user(I_Result r) {
            if (!closing) {
                users.incrementAndGet();
                r.r1 = closed ? 2 : 1;
                users.decrementAndGet();
            }
        }

        @Actor
        public void closer() {
            closing = true;
            while (users.get() != 0) {
                Thread.onSpinWait();
            }
            closed = true;
        }
    }
}
