package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.DirectTransfers;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A direct transfer begins while a truncate keeps transfers out (S2.11): either it is refused, or
 * the truncate waits for it; what it does is done before the file is cut, never meanwhile.
 *
 * <p>Results: whether the transfer was admitted, and whether the truncate met it inside.
 */
final class TruncateAgainstDirectTransfer {
    private TruncateAgainstDirectTransfer() {}

    /** As it is. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE,
            desc = "refused, or waited for")
    @Outcome(expect = FORBIDDEN, desc = "the file is cut under a transfer")
    @State
    public static class Actual {
        private final DirectTransfers transfers = new DirectTransfers();
        private int inside;

        @Actor
        public void transfer(II_Result r) {
            if (transfers.tryBegin()) {
                inside = 1;
                r.r1 = 1;
                inside = 0;
                transfers.end();
            }
        }

        @Actor
        public void truncate(II_Result r) {
            transfers.exclude();
            r.r2 = inside;
            transfers.admit();
        }
    }

    /** Who keeps transfers out is looked at first, and the transfer counted afterwards. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE,
            desc = "refused, or waited for")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "the file is cut under a transfer")
    @State
    public static class CountedAfterTheLook {
        private final AtomicInteger excluded = new AtomicInteger();
        private final AtomicInteger underWay = new AtomicInteger();
        private volatile int inside;

        @Actor
        public void transfer(II_Result r) {
            if (excluded.get() == 0) {
                underWay.getAndIncrement();
                inside = 1;
                r.r1 = 1;
                inside = 0;
                underWay.getAndDecrement();
            }
        }

        @Actor
        public void truncate(II_Result r) {
            excluded.getAndIncrement();
            while (underWay.get() != 0) {
                Thread.onSpinWait();
            }
            r.r2 = inside;
            excluded.getAndDecrement();
        }
    }
}
