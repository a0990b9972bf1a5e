package dev.quire.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.allocator.frame.DeferredStack;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

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
 * A frame is deferred again while an old entry of it is still on the stack and is being drained:
 * either that drain gets it, or it is on the stack for the next one (S1.5).
 *
 * <p>First result: whether the drain claimed it. Second result: whether the next one would find it.
 */
final class DeferredPushAgainstUnlink {
    private DeferredPushAgainstUnlink() {}

    /** A live frame on a list with one reference, and an old entry of it on the stack. */
    private static final class Scene {
        final FrameTable frames = new FrameTable(1);
        final DeferredStack stack = new DeferredStack(1);

        Scene() {
            frames.update(0, FrameState::allocate);
            frames.update(0, FrameState::setLru);
            stack.push(0);
        }

        void put() {
            frames.update(0, FrameState::put);
            stack.push(0);
        }

        int claim() {
            return frames.update(0, FrameState::claimDeferred) == FrameState.REFUSED ? 0 : 1;
        }

        int waiting() {
            boolean deferred = FrameState.any(frames.word(0), FrameState.DEFERRED);
            return deferred && !stack.isEmpty() ? 1 : 0;
        }
    }

    /** As a drain does it: off the chain first, then the word. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "claimed by this drain")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "waits for the next drain")
    @Outcome(expect = FORBIDDEN, desc = "left behind, or still waiting after it was claimed")
    @State
    public static class Actual {
        private final Scene scene = new Scene();

        @Actor
        public void put() {
            scene.put();
        }

        @Actor
        public void drain(II_Result r) {
            scene.stack.unlink(scene.stack.takeAll());
            r.r1 = scene.claim();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = scene.waiting();
        }
    }

    /** The word first, then off the chain: a put in between is lost. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "claimed by this drain")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "waits for the next drain")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "deferred for ever")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class ClaimThenUnlink {
        private final Scene scene = new Scene();

        @Actor
        public void put() {
            scene.put();
        }

        @Actor
        public void drain(II_Result r) {
            int frame = scene.stack.takeAll();
            r.r1 = scene.claim();
            scene.stack.unlink(frame);
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = scene.waiting();
        }
    }

    /**
     * Off the chain by a release store, without the exchange and the fence: the look at the word
     * passes the store, while the put still sees the frame linked. (Without the fence alone the
     * twin would not fail on x86, where the exchange is a full barrier: see docs/concurrency.md.)
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "claimed by this drain")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "waits for the next drain")
    @Outcome(id = "0, 0", expect = ACCEPTABLE_INTERESTING, desc = "deferred for ever")
    @Outcome(expect = FORBIDDEN, desc = "not possible here either")
    @State
    public static class UnlinkWithoutFence {
        private static final VarHandle LINKS = MethodHandles.arrayElementVarHandle(int[].class);
        private static final int NOT_LINKED = 0;
        private static final int LAST = -1;

        /** Frames in cache lines of their own, so that stores wait while loads go on. */
        private static final int LINE = 32;

        private static final int LINK = 16 * LINE;

        private final AtomicLong word = new AtomicLong(FrameState.LIVE);
        private final int[] links = new int[LINK + LINE];

        /** A live frame, and an old entry of it linked. */
        public UnlinkWithoutFence() {
            links[LINK] = LAST;
        }

        @Actor
        public void put() {
            word.set(FrameState.DEFERRED); // with a full fence, as the frame table's CAS
            LINKS.compareAndSet(links, LINK, NOT_LINKED, LAST);
        }

        @Actor
        public void drain(II_Result r) {
            // The frames unlinked before: their stores are still on their way.
            for (int frame = LINE; frame < LINK; frame += LINE) {
                LINKS.setRelease(links, frame, NOT_LINKED);
            }
            LINKS.setRelease(links, LINK, NOT_LINKED);
            r.r1 = word.getAcquire() == FrameState.DEFERRED ? 1 : 0;
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r2 = r.r1 == 0 && links[LINK] != NOT_LINKED ? 1 : 0;
        }
    }
}
