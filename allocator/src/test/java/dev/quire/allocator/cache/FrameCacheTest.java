package dev.quire.allocator.cache;

import static dev.quire.allocator.cache.FrameCache.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

class FrameCacheTest {
    private static final int LIMIT = 8;

    private final FrameTable frames = new FrameTable(1024);
    private final Sink sink = new Sink();
    private final FrameCache cache = settled(0);

    /** Remembers what left the cache. */
    private final class Sink implements FrameSink {
        private final List<String> freed = new ArrayList<>();
        private final List<Integer> put = new ArrayList<>();
        private final List<Integer> discarded = new ArrayList<>();

        @Override
        public void put(int head) {
            put.add(head);
            assertThat(frames.move(head, FrameState.LIVE, FrameState.FREE)).isTrue();
        }

        @Override
        public void discard(int frame) {
            discarded.add(frame);
        }

        @Override
        public void free(int head, int order) {
            assertThat(frames.word(head)).isEqualTo(FrameState.FREE);
            freed.add(head + "/" + order);
        }

        @Override
        public void freeBatch(int[] heads, int from, int count, int order) {
            Arrays.stream(heads, from, from + count).forEach(head -> free(head, order));
        }
    }

    private FrameCache settled(int index) {
        FrameCache settled = new FrameCache(frames, sink, index, LIMIT, false);
        settled.settle(0);
        return settled;
    }

    private void live(int head, int order) {
        frames.order(head, order);
        assertThat(frames.move(head, FrameState.FREE, FrameState.LIVE)).isTrue();
    }

    private void putNew(int head, int order) {
        live(head, order);
        assertThat(cache.put(head, order)).isTrue();
    }

    @Test
    void shouldHandOutFirstWhatWasPutLast() {
        putNew(1, 0);
        putNew(2, 0);
        assertThat(frames.word(2)).isEqualTo(FrameState.SPARE);
        assertThat(cache.take(0)).isEqualTo(2);
        assertThat(frames.word(2)).isEqualTo(FrameState.LIVE);
        assertThat(cache.take(0)).isEqualTo(1);
        assertThat(cache.take(0)).isEqualTo(NO_FRAME);
        assertThat(cache.takes()).isEqualTo(2);
        assertThat(cache.puts()).isEqualTo(2);
    }

    @Test
    void shouldKeepOrdersApartAndRefuseTheOnesItDoesNotKeep() {
        putNew(8, 2);
        assertThat(cache.take(0)).isEqualTo(NO_FRAME);
        assertThat(cache.take(FrameCache.ORDER_MAX + 1)).isEqualTo(NO_FRAME);
        assertThat(cache.take(-1)).isEqualTo(NO_FRAME);
        assertThat(cache.take(2)).isEqualTo(8);
        live(16, 4);
        assertThat(cache.put(16, 4)).isFalse();
        assertThat(frames.word(16)).isEqualTo(FrameState.LIVE);
    }

    @Test
    void shouldRefuseABlockThatIsNotOneReferenceAndNothingElse() {
        live(1, 0);
        frames.tryGet(1);
        assertThat(cache.put(1, 0)).isFalse();
        live(2, 0);
        frames.set(2, FrameState.DIRTY);
        assertThat(cache.put(2, 0)).isFalse();
        assertThat(cache.put(3, 0)).as("free").isFalse();
        putNew(4, 0);
        assertThat(cache.put(4, 0)).as("put twice").isFalse();
        assertThat(cache.take(0)).isEqualTo(4);
        assertThat(cache.take(0)).isEqualTo(NO_FRAME);
    }

    @Test
    void shouldKeepOnlyBlocksOfTheHugePageThatItIsFilledFrom() {
        putNew(1, 0);
        live(512, 0);
        assertThat(cache.put(512, 0)).isFalse();
        cache.settle(700);
        assertThat(cache.put(512, 0)).isTrue();
        live(2, 0);
        assertThat(cache.put(2, 0)).isFalse();
        assertThat(cache.take(0)).isEqualTo(512);
        assertThat(cache.take(0)).as("kept before").isEqualTo(1);
    }

    @Test
    void shouldSpillTheOlderHalfWhenItIsFull() {
        for (int head = 0; head < LIMIT; head++) {
            putNew(head, 0);
        }
        assertThat(sink.freed).isEmpty();
        putNew(LIMIT, 0);
        assertThat(sink.freed).containsExactly("0/0", "1/0", "2/0", "3/0");
        assertThat(IntStream.range(0, 5).map(i -> cache.take(0))).containsExactly(8, 7, 6, 5, 4);
        assertThat(cache.take(0)).isEqualTo(NO_FRAME);
        assertThat(cache.puts()).isEqualTo(LIMIT + 1);
        assertThat(cache.takes()).isEqualTo(5);
    }

    @Test
    void shouldGiveEverythingToWhoeverDrainsIt() {
        putNew(1, 0);
        putNew(2, 0);
        putNew(8, 1);
        assertThat(cache.drain(new int[FrameCache.LIMIT_MAX])).isEqualTo(4);
        assertThat(sink.freed).containsExactly("1/0", "2/0", "8/1");
        assertThat(cache.drain(new int[FrameCache.LIMIT_MAX])).isZero();
    }

    @Test
    void shouldPassOverHintsToWhatWasDrained() {
        putNew(1, 0);
        putNew(2, 0);
        cache.drain(new int[FrameCache.LIMIT_MAX]);
        assertThat(cache.take(0)).isEqualTo(NO_FRAME);
        assertThat(cache.takes()).isZero();
        assertThat(cache.puts()).isEqualTo(2);
        putNew(3, 0);
        assertThat(cache.take(0)).isEqualTo(3);
    }

    @Test
    void shouldTakeThroughAStaleHintWhatIsSpareAgainElsewhere() {
        FrameCache other = settled(1);
        putNew(1, 0);
        assertThat(frames.move(1, FrameState.SPARE, FrameState.LIVE)).isTrue();
        assertThat(other.put(1, 0)).isTrue();
        assertThat(cache.take(0)).isEqualTo(1);
        assertThat(other.take(0)).isEqualTo(NO_FRAME);
    }

    @Test
    void shouldNotHandOutABlockOfAnotherOrderThroughAStaleHint() {
        FrameCache other = settled(1);
        putNew(8, 1);
        assertThat(frames.move(8, FrameState.SPARE, FrameState.LIVE)).isTrue();
        frames.order(8, 0);
        assertThat(other.put(8, 0)).isTrue();
        assertThat(cache.take(1)).isEqualTo(NO_FRAME);
        assertThat(sink.put).containsExactly(8);
    }

    @Test
    void shouldDrainABlockOfAnotherOrderThanItsStaleHintByItsOwn() {
        putNew(8, 1);
        assertThat(frames.move(8, FrameState.SPARE, FrameState.LIVE)).isTrue();
        frames.order(8, 0);
        assertThat(frames.move(8, FrameState.LIVE, FrameState.SPARE)).isTrue();
        cache.drain(new int[FrameCache.LIMIT_MAX]);
        assertThat(sink.freed).containsExactly("8/0");
    }

    @Test
    void shouldHandOutARefillInOrderOfAddressAndCountNoPuts() {
        cache.stock(new int[] {9, 5, 6, 7}, 1, 3);
        assertThat(cache.puts()).isZero();
        assertThat(IntStream.range(0, 4).map(i -> cache.take(0)))
                .containsExactly(5, 6, 7, NO_FRAME);
    }

    @Test
    void shouldDiscardAFrameOfARefillThatIsNotFree() {
        live(6, 0);
        cache.stock(new int[] {5, 6, 7}, 0, 3);
        assertThat(sink.discarded).containsExactly(6);
        assertThat(IntStream.range(0, 3).map(i -> cache.take(0))).containsExactly(5, 7, NO_FRAME);
    }

    @Test
    void shouldBeStolenFromBlockByBlock() {
        putNew(1, 0);
        putNew(8, 1);
        assertThat(cache.steal(1)).isEqualTo(8);
        assertThat(frames.word(8)).isEqualTo(FrameState.LIVE);
        assertThat(cache.steal(1)).isEqualTo(NO_FRAME);
        assertThat(cache.take(1)).isEqualTo(NO_FRAME);
        assertThat(cache.take(0)).isEqualTo(1);
    }

    @Test
    void shouldBeAdoptedWithItsStockWhenItsOwnerIsDead() throws Exception {
        Thread owner =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    assertThat(cache.tryOwn(Thread.currentThread())).isTrue();
                                    putNew(1, 0);
                                });
        owner.join();
        assertThat(cache.tryOwn(Thread.currentThread())).isTrue();
        assertThat(cache.isOwnedBy(Thread.currentThread().threadId())).isTrue();
        assertThat(cache.take(0)).isEqualTo(1);
        assertThat(cache.tryOwn(new Thread(() -> {}))).as("its owner lives").isFalse();
    }

    @Test
    void shouldBeLockedByOneAtATimeWhenItIsAStripe() {
        FrameCache stripe = new FrameCache(frames, sink, 1, LIMIT, true);
        assertThat(stripe.tryLock()).isTrue();
        assertThat(stripe.tryLock()).isFalse();
        stripe.unlock();
        assertThat(stripe.tryLock()).isTrue();
    }
}
