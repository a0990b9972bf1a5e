package dev.quire.lincheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.DeferredStack;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Two listed frames, put, scanned, drained and used again (S1.2, S1.5). The operations answer
 * nothing, since a drain is no single step; what must hold is that each frame is freed once, and
 * that at the end a frame that is deferred is where the next drain finds it.
 */
class DeferredLincheckTest {
    /** The protocol, as the allocator and the page cache's lists follow it. */
    @Param(name = "frame", gen = IntGen.class, conf = "0:1")
    public static class Protocol {
        final FrameTable frames = new FrameTable(2);
        final DeferredStack stack = new DeferredStack(2);

        /**
         * Both frames on a list, with one reference; the first once waited, and still is linked.
         */
        public Protocol() {
            for (int frame = 0; frame < 2; frame++) {
                frames.update(frame, FrameState::allocate);
                frames.update(frame, FrameState::setLru);
            }
            stack.push(0);
        }

        @Operation
        public void put(@Param(name = "frame") int frame) {
            long word = frames.update(frame, FrameState::put);
            if (word == FrameState.REFUSED || !FrameState.reachedZero(word)) {
                return;
            }
            if (FrameState.any(word, FrameState.DEFERRED)) {
                stack.push(frame);
            } else {
                free(frame);
            }
        }

        /** A reclaimer meets the frame on its list. */
        @Operation
        public void scan(@Param(name = "frame") int frame) {
            if (frames.update(frame, FrameState::claimLru) != FrameState.REFUSED) {
                put(frame);
            } else if (claim(frame)) {
                free(frame);
            }
        }

        @Operation
        public void drain() {
            int frame = stack.takeAll();
            while (frame != DeferredStack.NO_FRAME) {
                int next = stack.unlink(frame);
                if (claim(frame)) {
                    free(frame);
                }
                frame = next;
            }
        }

        @Operation
        public void reuse(@Param(name = "frame") int frame) {
            if (frames.update(frame, FrameState::allocate) != FrameState.REFUSED) {
                frames.update(frame, FrameState::setLru);
            }
        }

        final boolean claim(int frame) {
            return frames.update(frame, FrameState::claimDeferred) != FrameState.REFUSED;
        }

        final void free(int frame) {
            if (frames.update(frame, FrameState::free) == FrameState.REFUSED) {
                throw new IllegalStateException("freed by two: frame=" + frame);
            }
        }

        @Validate
        public void verify() {
            for (int frame = 0; frame < 2; frame++) {
                long word = frames.word(frame);
                boolean waits = FrameState.any(word, FrameState.DEFERRED);
                if (waits && !isLinked(frame)) {
                    throw new IllegalStateException("deferred for ever: frame=" + frame);
                }
                if (FrameState.any(word, FrameState.FROZEN)) {
                    throw new IllegalStateException("lost: frame=" + frame);
                }
            }
        }

        private boolean isLinked(int frame) {
            int at = stack.peek();
            for (int steps = 0; at != frame && at != DeferredStack.NO_FRAME && steps < 2; steps++) {
                at = stack.peekNext(at);
            }
            return at == frame;
        }
    }

    /** Canary: a drain that looks at the word before it takes the frame off the chain. */
    @Param(name = "frame", gen = IntGen.class, conf = "0:1")
    public static class ClaimBeforeUnlink extends Protocol {
        @Override
        @Operation
        public void drain() {
            int frame = stack.takeAll();
            while (frame != DeferredStack.NO_FRAME) {
                boolean ours = claim(frame);
                if (ours) {
                    free(frame);
                }
                frame = stack.unlink(frame);
            }
        }
    }

    @Test
    void shouldFreeEveryFrameOnceInEveryInterleaving() { // S1.2, S1.5
        Lincheck.modelCheck(Protocol.class, Protocol.class);
    }

    @Test
    void shouldFreeEveryFrameOnceOnRealThreads() {
        Lincheck.stress(Protocol.class, Protocol.class);
    }

    @Test
    void shouldFindADrainThatClaimsBeforeItUnlinks() {
        Lincheck.expectToBeFound(ClaimBeforeUnlink.class, Protocol.class);
    }

    @Test
    void shouldWorkForOneThread() {
        Protocol protocol = new Protocol();
        protocol.put(0);
        protocol.scan(1);
        protocol.drain();
        protocol.verify();
        assertThat(protocol.frames.word(0)).isZero();
        assertThat(protocol.frames.word(1)).isEqualTo(FrameState.LIVE);
    }
}
