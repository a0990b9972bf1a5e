package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A page is unlocked while somebody lies down to sleep until it is: he is woken, or sees that he
 * need not sleep. The steps are those of {@code FrameWaits}, without the sleep.
 *
 * <p>Result: whether he sleeps, whether he was woken.
 */
final class SleepAgainstWake {
    private SleepAgainstWake() {}

    /** A locked page, and who may sleep for it. */
    abstract static class Page {
        private final FrameTable frames = new FrameTable(1);
        private final Queue<String> sleepers = new ConcurrentLinkedQueue<>();
        private boolean woken; // by the waker

        Page() {
            frames.update(0, FrameState::allocate);
            frames.tryLock(0);
        }

        final void register() {
            sleepers.add("sleeper");
        }

        final boolean mark() {
            return frames.update(
                            0,
                            word ->
                                    FrameState.any(word, FrameState.LOCKED)
                                            ? word | FrameState.WAITERS
                                            : FrameState.REFUSED)
                    != FrameState.REFUSED;
        }

        final void unlockAndWake() {
            long replaced = frames.replace(0, FrameState::unlock);
            if (FrameState.any(replaced, FrameState.WAITERS)) {
                woken = sleepers.peek() != null;
            }
        }

        final boolean woken() {
            return woken;
        }
    }

    /** Into the queue, then WAITERS. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "unlocked before he looked")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "sleeps, and is woken")
    @Outcome(expect = FORBIDDEN, desc = "sleeps for ever, or is woken without a mark")
    @State
    public static class Actual extends Page {
        private boolean sleeps; // by the sleeper

        @Actor
        public void sleep() {
            register();
            sleeps = mark();
        }

        @Actor
        public void wake() {
            unlockAndWake();
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r1 = sleeps;
            r.r2 = woken();
        }
    }

    /** WAITERS, then into the queue. */
    @JCStressTest
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "unlocked before he looked")
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "sleeps, and is woken")
    @Outcome(id = "true, false", expect = ACCEPTABLE_INTERESTING, desc = "sleeps for ever")
    @State
    public static class MarkFirst extends Page {
        private boolean sleeps; // by the sleeper

        @Actor
        public void sleep() {
            sleeps = mark();
            register();
        }

        @Actor
        public void wake() {
            unlockAndWake();
        }

        @Arbiter
        public void look(ZZ_Result r) {
            r.r1 = sleeps;
            r.r2 = woken();
        }
    }
}
