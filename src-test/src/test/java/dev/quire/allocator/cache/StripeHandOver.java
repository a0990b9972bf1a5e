package dev.quire.allocator.cache;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameTable;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A striped cache has one user at a time, and the next one finds it as the last one left it.
 *
 * <p>Each result is how many users an actor found before itself, or -1 when it was refused.
 */
final class StripeHandOver {
    private StripeHandOver() {}

    /** As stripes do it. */
    @JCStressTest
    @Outcome(
            id = {"0, -1", "-1, 0"},
            expect = ACCEPTABLE,
            desc = "one was refused")
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "one after the other")
    @Outcome(expect = FORBIDDEN, desc = "two users at a time, or both refused")
    @State
    public static class Actual implements FrameSink {
        private final FrameCache stripe = new FrameCache(new FrameTable(1), this, 0, 1, true);
        private int users;

        @Actor
        public void first(II_Result r) {
            r.r1 = use();
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = use();
        }

        private int use() {
            if (!stripe.tryLock()) {
                return -1;
            }
            int before = users;
            users = before + 1;
            stripe.unlock();
            return before;
        }

        @Override
        public void put(int head) {
            throw new IllegalStateException("every frame here is of order 0: frame=" + head);
        }

        @Override
        public void discard(int frame) {
            throw new IllegalStateException("every frame here is free: frame=" + frame);
        }

        @Override
        public void free(int head, int order) {}

        @Override
        public void freeBatch(int[] heads, int from, int count, int order) {}
    }

    /** A look and a store instead of a CAS. */
    @JCStressTest
    @Outcome(
            id = {"0, -1", "-1, 0"},
            expect = ACCEPTABLE,
            desc = "one was refused")
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE,
            desc = "one after the other")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "two users at a time")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class LookThenStore {
        private final AtomicInteger busy = new AtomicInteger();
        private int users;

        @Actor
        public void first(II_Result r) {
            r.r1 = use();
        }

        @Actor
        public void second(II_Result r) {
            r.r2 = use();
        }

        private int use() {
            if (busy.getAcquire() != 0) {
                return -1;
            }
            busy.setRelease(1);
            int before = users;
            users = before + 1;
            busy.setRelease(0);
            return before;
        }
    }
}
