package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A frame is put into a cache that somebody drains: no frame is lost. Afterwards it is in the zone,
 * or SPARE where the next drain finds it (I6).
 *
 * <p>Results: whether the drain gave it to the zone, whether it is in stock.
 */
final class SparePutAgainstDrain {
    private SparePutAgainstDrain() {}

    /** As frame caches do it: who drains takes frames by their words and leaves the hints alone. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "drained")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "in stock")
    @Outcome(expect = FORBIDDEN, desc = "lost, or in both places")
    @State
    public static class Actual {
        private final SpareScene scene = new SpareScene();

        @Actor
        public void put() {
            scene.cache.put(0, 0);
        }

        @Actor
        public void drain(II_Result r) {
            r.r1 = scene.drained();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = scene.inStock();
        }
    }

    /** Who drains also removes the hints, which are its user's: one put meanwhile is gone. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "drained")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "in stock")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "SPARE for ever")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class DrainRemovesHints {
        private static final VarHandle TOP;

        static {
            try {
                TOP =
                        MethodHandles.lookup()
                                .findVarHandle(DrainRemovesHints.class, "top", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final AtomicLong word = new AtomicLong(1);
        private int top;

        @Actor
        public void put() {
            word.compareAndSet(1, FrameState.SPARE);
            TOP.setRelease(this, top + 1);
        }

        @Actor
        public void drain(II_Result r) {
            int hints = (int) TOP.getAcquire(this);
            r.r1 = hints > 0 && word.compareAndSet(FrameState.SPARE, 0) ? 1 : 0;
            TOP.setRelease(this, 0);
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = top > 0 && word.get() == FrameState.SPARE ? 1 : 0;
        }
    }
}
