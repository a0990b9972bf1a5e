package dev.quire.allocator.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

class FrameTableTest {
    private final FrameTable frames = new FrameTable(8);

    @Test
    void shouldStartWithEveryFrameFree() {
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            assertThat(frames.word(frame)).isZero();
            assertThat(frames.order(frame)).isEqualTo(FrameTable.ORDER_NONE);
            assertThat(frames.owner(frame)).isEqualTo(FrameTable.OWNER_NONE);
            assertThat(frames.next(frame)).isEqualTo(FrameTable.NO_FRAME);
        }
    }

    @Test
    void shouldRefuseTryGetWhenRefcountIsZero() { // S0.1
        assertThat(frames.tryGet(3)).isFalse();
        assertThat(frames.tryPin(3)).isFalse();
        assertThat(frames.tryLock(3)).isFalse();
        assertThat(frames.word(3)).isZero();
    }

    @Test
    void shouldAnswerTheOldWordFromReplaceAndTheNewOneFromUpdate() {
        assertThat(frames.update(1, FrameState::allocate)).isEqualTo(1);
        assertThat(frames.replace(1, FrameState::get)).isEqualTo(1);
        assertThat(frames.update(1, FrameState::get)).isEqualTo(3);
        assertThat(frames.replace(2, FrameState::get)).isEqualTo(FrameState.REFUSED);
    }

    @Test
    void shouldRefuseAReferenceToAFrozenFrame() { // S3.4
        frames.update(1, FrameState::allocate);
        assertThat(frames.tryFreeze(1, 1, 0)).isTrue();
        assertThat(frames.tryGet(1)).isFalse();
        assertThat(frames.tryFreeze(1, 1, 0)).isFalse();
        frames.unfreeze(1, 2);
        assertThat(FrameState.refs(frames.word(1))).isEqualTo(2);
    }

    @Test
    void shouldNameTheFrameWhenATransitionIsRefused() {
        assertThatThrownBy(() -> frames.unfreeze(5, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("unfreeze refused: frame=F#5/free [refs 0, pins 0]");
    }

    @Test
    void shouldKeepColumnsApart() {
        frames.own(4, 7, 1L << 40);
        frames.order(4, 10);
        frames.next(4, 1);
        frames.prev(4, 2);
        assertThat(frames.nextVersion(4)).isEqualTo(1);
        for (int i = 0; i < 10; i++) {
            frames.use(4);
        }
        assertThat(frames.owner(4)).isEqualTo(7);
        assertThat(frames.page(4)).isEqualTo(1L << 40);
        assertThat(frames.order(4)).isEqualTo(10);
        assertThat(frames.next(4)).isEqualTo(1);
        assertThat(frames.prev(4)).isEqualTo(2);
        assertThat(frames.version(4)).isEqualTo(1);
        assertThat(frames.uses(4)).isEqualTo(FrameTable.USES_MAX);
        assertThat(frames.owner(3)).isEqualTo(FrameTable.OWNER_NONE);
        assertThat(frames.owner(5)).isEqualTo(FrameTable.OWNER_NONE);
    }

    @Test
    void shouldLetExactlyOneOfManyPutsReachZeroAndSeeAllWrites() throws Exception { // S0.4
        int threads = 8;
        for (int round = 0; round < 200; round++) {
            FrameTable table = new FrameTable(1);
            table.update(0, FrameState::allocate);
            for (int i = 1; i < threads; i++) {
                table.update(0, FrameState::get);
            }
            int[] written = new int[threads]; // plain: only the last put orders them
            AtomicInteger zeros = new AtomicInteger();
            AtomicInteger seen = new AtomicInteger();
            CountDownLatch start = new CountDownLatch(1);
            Thread[] workers = new Thread[threads];
            for (int i = 0; i < threads; i++) {
                int me = i;
                workers[i] =
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            awaitQuietly(start);
                                            written[me] = 1;
                                            long word = table.update(0, FrameState::put);
                                            if (FrameState.reachedZero(word)) {
                                                zeros.incrementAndGet();
                                                for (int value : written) {
                                                    seen.addAndGet(value);
                                                }
                                            }
                                        });
            }
            start.countDown();
            for (Thread worker : workers) {
                worker.join();
            }
            assertThat(zeros).hasValue(1);
            assertThat(seen).hasValue(threads);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldRefuseATableWithoutFrames() {
        assertThatThrownBy(() -> new FrameTable(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frameCount=0");
    }
}
