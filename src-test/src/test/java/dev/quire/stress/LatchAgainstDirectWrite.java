package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.space.DirectRange;
import dev.quire.pagecache.space.DirectWrites;
import dev.quire.pagecache.space.Gate;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A page is latched, or pinned, while a direct write to it begins: the latch sees the range and is
 * given back, or the write sees the latch and goes another way. If both went on, the page would be
 * written over bytes that were acknowledged.
 *
 * <p>The result is whether the latch is kept, and whether the write goes on.
 */
final class LatchAgainstDirectWrite {
    private LatchAgainstDirectWrite() {}

    /** A frame word, of which only "somebody holds it" is of interest. */
    abstract static class OnePage {
        private static final VarHandle WORD = handle("word");
        private static final VarHandle RANGE = handle("range");

        @SuppressWarnings("unused") // through WORD
        private int word;

        @SuppressWarnings("unused") // through RANGE
        private int range;

        private static VarHandle handle(String field) {
            try {
                return MethodHandles.lookup().findVarHandle(OnePage.class, field, int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        void latch() {
            WORD.compareAndSet(this, 0, 1);
        }

        void latchOpaque() {
            WORD.setOpaque(this, 1);
        }

        boolean isLatched() {
            return (int) WORD.getAcquire(this) != 0;
        }

        void publishOpaque() {
            RANGE.setOpaque(this, 1);
        }

        boolean isPublished() {
            return (int) RANGE.getOpaque(this) != 0;
        }
    }

    /** As it is: each side writes its own, fully fenced, then reads the other's. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "false, false"},
            expect = ACCEPTABLE,
            desc = "one goes on at most")
    @Outcome(id = "true, true", expect = FORBIDDEN, desc = "latched under a direct write")
    @State
    public static class Actual extends OnePage {
        private final Gate gate = new Gate();
        private final DirectWrites writes = new DirectWrites(gate);
        private final DirectRange range = new DirectRange(0, 4096, 12, () -> {});

        @Actor
        public void latch(ZZ_Result r) {
            latch();
            r.r1 = !gate.hasDirectWrites() || !writes.cover(0);
        }

        @Actor
        public void write(ZZ_Result r) {
            writes.publish(range, false);
            r.r2 = !isLatched();
        }
    }

    /** Without a fence each side's read passes its own write. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true", "false, false"},
            expect = ACCEPTABLE,
            desc = "one goes on at most")
    @Outcome(
            id = "true, true",
            expect = ACCEPTABLE_INTERESTING,
            desc = "latched under a direct write")
    @State
    public static class WithoutFences extends OnePage {
        @Actor
        public void latch(ZZ_Result r) {
            latchOpaque();
            r.r1 = !isPublished();
        }

        @Actor
        public void write(ZZ_Result r) {
            publishOpaque();
            r.r2 = !isLatched();
        }
    }
}
