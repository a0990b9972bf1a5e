package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.lru.ListLock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Somebody leaves a change to who has the lists, who is just giving them back: one of them makes
 * it.
 *
 * <p>The result is how often it was made.
 */
final class LeaveAgainstUnlock {
    private LeaveAgainstUnlock() {}

    /** As it is: the lock is given back, then what was left is looked at. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "made by one of them")
    @Outcome(expect = FORBIDDEN, desc = "left behind, or made twice")
    @State
    public static class Actual {
        private final ListLock<Integer> lists = new ListLock<>(this::make);
        private int made; // under the lock

        private void make(int count) {
            made += count;
        }

        @Actor
        public void have() {
            lists.lock();
            lists.unlock();
        }

        @Actor
        public void leave() {
            lists.leave(1);
        }

        @Arbiter
        public void count(I_Result r) {
            r.r1 = made;
        }
    }

    /** What was left is looked at before the lock is given back, and not again. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "made by one of them")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "left behind")
    @State
    public static class LooksBeforeUnlock {
        private final ReentrantLock lock = new ReentrantLock();
        private final Queue<Integer> left = new ConcurrentLinkedQueue<>();
        private int made; // under the lock

        private void makeAndUnlock() {
            for (Integer change = left.poll(); change != null; change = left.poll()) {
                made += change;
            }
            lock.unlock();
        }

        @Actor
        public void have() {
            lock.lock();
            makeAndUnlock();
        }

        @Actor
        public void leave() {
            left.add(1);
            if (lock.tryLock()) {
                makeAndUnlock();
            }
        }

        @Arbiter
        public void count(I_Result r) {
            r.r1 = made;
        }
    }
}
