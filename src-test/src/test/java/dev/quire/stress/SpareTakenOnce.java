package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A frame in stock: its cache's user and a thread that drains the cache never both get it, and who
 * gets it sees what its last owner wrote.
 *
 * <p>Results of the first pair: whether the user took it, whether the drain did. Result of the
 * second: what the drain found in the frame, or -1 when it found none.
 */
final class SpareTakenOnce {
    private SpareTakenOnce() {}

    /** As frame caches do it: the hint says where, the CAS from SPARE decides. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "its user took it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the drain took it")
    @Outcome(expect = FORBIDDEN, desc = "two owners, or none")
    @State
    public static class Actual {
        private final SpareScene scene = new SpareScene();

        /** A frame in stock. */
        public Actual() {
            scene.cache.put(0, 0);
        }

        @Actor
        public void take(II_Result r) {
            r.r1 = scene.cache.take(0) == 0 ? 1 : 0;
        }

        @Actor
        public void drain(II_Result r) {
            r.r2 = scene.drained();
        }
    }

    /** A look and a store: the user need not pay for a CAS on what is in its own cache, or so. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "its user took it")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the drain took it")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "two owners")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class LookThenStore {
        private final AtomicLong word = new AtomicLong(FrameState.SPARE);

        @Actor
        public void take(II_Result r) {
            boolean spare = word.getAcquire() == FrameState.SPARE;
            if (spare) {
                word.setRelease(1);
            }
            r.r1 = spare ? 1 : 0;
        }

        @Actor
        public void drain(II_Result r) {
            r.r2 = word.compareAndSet(FrameState.SPARE, 0) ? 1 : 0;
        }
    }

    /** The last put publishes: the CAS to SPARE comes after every write, the next one before. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the next owner sees the write")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not in stock yet")
    @Outcome(expect = FORBIDDEN, desc = "a write was missed")
    @State
    public static class ActualPublication {
        private final SpareScene scene = new SpareScene();
        private int bytes;

        @Actor
        public void put() {
            bytes = 1;
            scene.cache.put(0, 0);
        }

        @Actor
        public void drain(I_Result r) {
            r.r1 = scene.drained() == 1 ? bytes : -1;
        }
    }

    /**
     * A put that still has something to do to the frame afterwards. (A CAS without ordering would
     * not be caught on x86, for the reason given at {@code LastPutSeesEveryWrite.PlainCas}.)
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the next owner sees the write")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "not in stock yet")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "a write was missed")
    @State
    public static class WrittenAfterThePut {
        private final AtomicLong word = new AtomicLong(FrameState.LIVE);
        private int bytes;

        @Actor
        public void put() {
            word.compareAndSet(FrameState.LIVE, FrameState.SPARE);
            bytes = 1;
        }

        @Actor
        public void drain(I_Result r) {
            r.r1 = word.compareAndSet(FrameState.SPARE, FrameState.FREE) ? bytes : -1;
        }
    }
}
