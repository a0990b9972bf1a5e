package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.WriteErrors;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A write has failed. One handle asks for errors; another one is told of it, and then a second
 * write fails. The first handle gets both errors, each once: the second one may not be taken for
 * the one that was told of.
 *
 * <p>Results, an error being 1 or 2, and 0 none: what the first handle is told, what the second
 * one, and what the first when it asks again.
 */
final class TwoReportsOfWriteErrors {
    /** A failed write, which costs no stack. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
        private final int number;

        Failure(int number) {
            super(null, null, false, false);
            this.number = number;
        }
    }

    private TwoReportsOfWriteErrors() {}

    private static int number(@Nullable Throwable error) {
        return error instanceof Failure failure ? failure.number : 0;
    }

    /** As it is. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "each error once")
    @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "the first was told of, and forgotten")
    @Outcome(expect = FORBIDDEN, desc = "an error was lost, or told twice")
    @State
    public static class Actual {
        private final WriteErrors errors = new WriteErrors();
        private final AtomicLong one = new AtomicLong();
        private final AtomicLong other = new AtomicLong();

        public Actual() {
            errors.record(new Failure(1));
        }

        @Actor
        public void asks(III_Result r) {
            r.r1 = number(errors.checkAndAdvance(one));
        }

        @Actor
        public void asksAndFails(III_Result r) {
            r.r2 = number(errors.checkAndAdvance(other));
            errors.record(new Failure(2));
        }

        @Arbiter
        public void asksAgain(III_Result r) {
            r.r3 = number(errors.checkAndAdvance(one));
        }
    }

    /** An error is marked as told of by a store, not by a CAS that finds it the last one. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "each error once")
    @Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "the first was told of, and forgotten")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE_INTERESTING, desc = "an error was lost")
    @State
    public static class MarkedByAStore {
        private record Last(long number, Throwable error, boolean told) {}

        private final AtomicReference<Last> last =
                new AtomicReference<>(new Last(1, new Failure(1), false));
        private final AtomicLong one = new AtomicLong();
        private final AtomicLong other = new AtomicLong();

        private int check(AtomicLong since) {
            Last now = last.get();
            if (now.number == since.get()) {
                return 0;
            }
            if (!now.told) {
                last.set(new Last(now.number, now.error, true));
            }
            since.set(now.number);
            return number(now.error);
        }

        @Actor
        public void asks(III_Result r) {
            r.r1 = check(one);
        }

        @Actor
        public void asksAndFails(III_Result r) {
            r.r2 = check(other);
            last.updateAndGet(
                    was -> was.told ? new Last(was.number + 1, new Failure(2), false) : was);
        }

        @Arbiter
        public void asksAgain(III_Result r) {
            r.r3 = check(one);
        }
    }
}
