package dev.quire.lincheck;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

/** References, pins and ownership of two frames, against counts kept in plain fields. */
class FrameWordsLincheckTest {
    /** What an operation came to, in the real table and in the model. */
    private enum Outcome {
        REFUSED,
        DONE,
        LAST
    }

    /** The frame table's transitions. */
    @Param(name = "frame", gen = IntGen.class, conf = "0:1")
    public static class Words {
        final FrameTable frames = new FrameTable(2);

        @Operation
        public String allocate(@Param(name = "frame") int frame) {
            return outcome(frames.update(frame, FrameState::allocate));
        }

        @Operation
        public String get(@Param(name = "frame") int frame) {
            return (frames.tryGet(frame) ? Outcome.DONE : Outcome.REFUSED).name();
        }

        @Operation
        public String put(@Param(name = "frame") int frame) {
            return outcome(frames.update(frame, FrameState::put));
        }

        @Operation
        public String pin(@Param(name = "frame") int frame) {
            return (frames.tryPin(frame) ? Outcome.DONE : Outcome.REFUSED).name();
        }

        @Operation
        public String unpin(@Param(name = "frame") int frame) {
            return outcome(frames.update(frame, FrameState::unpin));
        }

        @Operation
        public String freeze(@Param(name = "frame") int frame) {
            boolean frozen = frames.tryFreeze(frame, 1, FrameState.BUSY_FOR_EVICTION);
            return (frozen ? Outcome.LAST : Outcome.REFUSED).name();
        }

        @Operation
        public String unfreeze(@Param(name = "frame") int frame) {
            return outcome(frames.update(frame, word -> FrameState.unfreeze(word, 1)));
        }

        @Operation
        public String free(@Param(name = "frame") int frame) {
            return outcome(frames.update(frame, FrameState::free));
        }

        @Operation
        public String keepSpare(@Param(name = "frame") int frame) {
            boolean moved = frames.move(frame, FrameState.LIVE, FrameState.SPARE);
            return (moved ? Outcome.LAST : Outcome.REFUSED).name();
        }

        @Operation
        public String takeSpare(@Param(name = "frame") int frame) {
            boolean moved = frames.move(frame, FrameState.SPARE, FrameState.LIVE);
            return (moved ? Outcome.DONE : Outcome.REFUSED).name();
        }

        private static String outcome(long word) {
            if (word == FrameState.REFUSED) {
                return Outcome.REFUSED.name();
            }
            return (FrameState.reachedZero(word) ? Outcome.LAST : Outcome.DONE).name();
        }
    }

    /** The same, as one would write it down for one thread. */
    public static class Model {
        private static final int FREE = 0;
        private static final int HELD = 1;
        private static final int FROZEN = 2;
        private static final int SPARE = 3;

        private final int[] states = new int[2];
        private final int[] refs = new int[2];
        private final int[] pins = new int[2];

        public String allocate(int frame) {
            return enter(frame, FREE, HELD);
        }

        public String get(int frame) {
            return add(frame, 0);
        }

        public String pin(int frame) {
            return add(frame, 1);
        }

        public String put(int frame) {
            return refs[frame] > pins[frame] ? remove(frame, 0) : Outcome.REFUSED.name();
        }

        public String unpin(int frame) {
            return pins[frame] > 0 ? remove(frame, 1) : Outcome.REFUSED.name();
        }

        public String freeze(int frame) {
            boolean alone = states[frame] == HELD && refs[frame] == 1 && pins[frame] == 0;
            return alone ? leave(frame, FROZEN) : Outcome.REFUSED.name();
        }

        public String unfreeze(int frame) {
            return enter(frame, FROZEN, HELD);
        }

        public String free(int frame) {
            if (states[frame] != FROZEN) {
                return Outcome.REFUSED.name();
            }
            return leave(frame, FREE);
        }

        public String keepSpare(int frame) {
            boolean alone = states[frame] == HELD && refs[frame] == 1 && pins[frame] == 0;
            return alone ? leave(frame, SPARE) : Outcome.REFUSED.name();
        }

        public String takeSpare(int frame) {
            return enter(frame, SPARE, HELD);
        }

        private String enter(int frame, int from, int to) {
            if (states[frame] != from) {
                return Outcome.REFUSED.name();
            }
            states[frame] = to;
            refs[frame] = 1;
            return Outcome.DONE.name();
        }

        private String leave(int frame, int to) {
            states[frame] = to;
            refs[frame] = 0;
            return Outcome.LAST.name();
        }

        private String add(int frame, int pin) {
            if (states[frame] != HELD) {
                return Outcome.REFUSED.name();
            }
            refs[frame]++;
            pins[frame] += pin;
            return Outcome.DONE.name();
        }

        private String remove(int frame, int pin) {
            refs[frame]--;
            pins[frame] -= pin;
            return refs[frame] == 0 ? leave(frame, FROZEN) : Outcome.DONE.name();
        }
    }

    /** Canary: a put that reads, then writes. */
    @Param(name = "frame", gen = IntGen.class, conf = "0:1")
    public static class PutByLoadThenStore extends Words {
        @Override
        @Operation
        public String put(@Param(name = "frame") int frame) {
            long word = frames.word(frame);
            long next = FrameState.put(word);
            if (next == FrameState.REFUSED) {
                return Outcome.REFUSED.name();
            }
            frames.update(frame, seen -> next); // whatever it is by now
            return (FrameState.reachedZero(next) ? Outcome.LAST : Outcome.DONE).name();
        }
    }

    /** References alone, so that a canary can do without the table. */
    public static class ModelOfReferences {
        private int refs = 1;

        public boolean get() {
            refs += refs > 0 ? 1 : 0;
            return refs > 0;
        }

        public boolean put() {
            boolean last = refs == 1;
            refs -= refs > 0 ? 1 : 0;
            return last;
        }

        public boolean isFree() {
            return refs == 0;
        }
    }

    /** Canary: a get that adds first, and takes it back when it had started from 0. */
    public static class GetByBlindAdd {
        private final AtomicInteger refs = new AtomicInteger(1);

        @Operation
        public boolean get() {
            if (refs.getAndIncrement() > 0) {
                return true;
            }
            refs.getAndDecrement();
            return false;
        }

        @Operation
        public boolean put() {
            while (true) { // goes round again only when another put or get succeeded
                int seen = refs.get();
                if (seen == 0) {
                    return false;
                }
                if (refs.compareAndSet(seen, seen - 1)) {
                    return seen == 1;
                }
            }
        }

        @Operation
        public boolean isFree() {
            return refs.get() == 0;
        }
    }

    @Test
    void shouldBeLinearizableInEveryInterleaving() { // S0.1, S0.2, S0.4, S1.2
        Lincheck.modelCheck(Words.class, Model.class);
    }

    @Test
    void shouldBeLinearizableOnRealThreads() {
        Lincheck.stress(Words.class, Model.class);
    }

    @Test
    void shouldFindAPutThatReadsThenWrites() {
        Lincheck.expectToBeFound(PutByLoadThenStore.class, Model.class);
    }

    @Test
    void shouldFindAGetByBlindAdd() { // S0.1
        Lincheck.expectToBeFound(GetByBlindAdd.class, ModelOfReferences.class);
    }
}
