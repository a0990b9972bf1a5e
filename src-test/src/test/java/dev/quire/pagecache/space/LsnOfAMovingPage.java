package dev.quire.pagecache.space;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.quire.pagecache.backing.PageHooks;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

import java.lang.foreign.Arena;

/**
 * A dirty page moves to another frame while somebody asks how far the log may be cut: the page's
 * log position is found in one frame or in the other.
 *
 * <p>The result is the position that was found.
 */
final class LsnOfAMovingPage {
    private LsnOfAMovingPage() {}

    /** A dirty page in frame 0, which moves to frame 1. */
    abstract static class OnePage {
        static final int FROM = 0;
        static final int TO = 1;

        final Chunk chunk = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
        final PageLsns lsns = new PageLsns(2);

        OnePage() {
            lsns.add(FROM, 20);
            chunk.insert(0, Slot.ABSENT, Slot.readable(FROM, 1));
        }

        final void switchSlot() {
            chunk.publish(0, Slot.moved(chunk.slot(0), TO, 1));
        }
    }

    /** As it is: position, slot, and only then the old position goes. */
    @JCStressTest
    @Outcome(id = "20", expect = ACCEPTABLE, desc = "found")
    @Outcome(expect = FORBIDDEN, desc = "the log could be cut too far")
    @State
    public static class Actual extends OnePage {
        @Actor
        public void move() {
            lsns.copy(FROM, TO);
            switchSlot();
            lsns.forget(FROM);
        }

        @Actor
        public void ask(J_Result r) {
            r.r1 = lsns.firstOf(chunk, 0);
        }
    }

    /** The old position goes before the slot changes. */
    @JCStressTest
    @Outcome(id = "20", expect = ACCEPTABLE, desc = "found")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "the log could be cut too far")
    @State
    public static class ForgottenBeforeTheSlot extends OnePage {
        @Actor
        public void move() {
            lsns.copy(FROM, TO);
            lsns.forget(FROM);
            switchSlot();
        }

        @Actor
        public void ask(J_Result r) {
            r.r1 = lsns.firstOf(chunk, 0);
        }
    }

    /** Who asks does not look at the slot again. */
    @JCStressTest
    @Outcome(id = "20", expect = ACCEPTABLE, desc = "found")
    @Outcome(expect = ACCEPTABLE_INTERESTING, desc = "the log could be cut too far")
    @State
    public static class WithoutSecondLook extends OnePage {
        @Actor
        public void move() {
            lsns.copy(FROM, TO);
            switchSlot();
            lsns.forget(FROM);
        }

        @Actor
        public void ask(J_Result r) {
            long slot = chunk.slot(0);
            r.r1 = Slot.isResident(slot) ? lsns.first(Slot.frame(slot)) : PageHooks.GO;
        }
    }
}
