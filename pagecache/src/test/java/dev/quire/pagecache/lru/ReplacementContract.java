package dev.quire.pagecache.lru;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.Running;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

/** What every replacement policy keeps to: the claim of the LRU flag, and batches. */
abstract class ReplacementContract {
    final FrameTable frames = new FrameTable(64);
    final Replacement lru;
    private boolean broken;

    ReplacementContract(Policies policy) {
        lru = policy.over(frames);
    }

    @AfterEach
    void verify() {
        if (!broken) {
            lru.verify();
        }
    }

    final boolean insert(int frame, long memo) {
        frames.update(frame, FrameState::allocate);
        return lru.insert(frame, memo);
    }

    final void insertAll(int from, int to) {
        for (int frame = from; frame < to; frame++) {
            insert(frame, Replacement.NO_MEMO);
        }
    }

    final boolean active(int frame) {
        return FrameState.any(frames.word(frame), FrameState.ACTIVE);
    }

    /** Isolates as many as wanted, however many the policy gives at a time. */
    final int[] isolate(int wanted) {
        int[] batch = new int[wanted];
        int[] one = new int[1];
        for (int i = 0; i < wanted; i++) {
            int tries = 0;
            while (lru.isolate(one, 1) == 0) {
                assertThat(++tries).as("frames of %s", wanted).isLessThan(1000);
            }
            batch[i] = one[0];
        }
        return batch;
    }

    final void putBack(int frame, boolean used) {
        lru.putBack(frame, used);
        frames.update(frame, FrameState::put);
    }

    /** Evicts an isolated frame; answers its memo. */
    final long evict(int frame) {
        assertThat(frames.tryFreeze(frame, 2, FrameState.BUSY_FOR_EVICTION)).isTrue();
        long memo = lru.leave(frame);
        frames.update(frame, FrameState::free);
        return memo;
    }

    @Test
    void shouldShowTheMainListFirstAndTheNewestFirst() {
        insertAll(0, 8);
        for (int frame : isolate(3)) {
            putBack(frame, true);
        }
        int[] all = new int[64];
        assertThat(lru.snapshot(all)).isEqualTo(8);
        assertThat(Arrays.copyOf(all, 8)).containsExactly(2, 1, 0, 7, 6, 5, 4, 3);
        assertThat(lru.snapshot(new int[5])).as("what does not fit is left out").isEqualTo(5);
        assertThat(lru.snapshot(new int[0])).isZero();
    }

    @Test
    void shouldGiveUpTheOldestFirst() {
        insertAll(0, 8);
        int[] batch = isolate(3);
        assertThat(batch).containsExactly(0, 1, 2);
        assertThat(lru.size()).isEqualTo(5);
        lru.verify();
        for (int frame : batch) {
            assertThat(FrameState.refs(frames.word(frame))).isEqualTo(2);
            putBack(frame, false);
        }
        batch = isolate(1);
        assertThat(batch).as("those put back wait for another turn").containsExactly(3);
        putBack(3, false);
    }

    // A page that cannot go may be asked again once all others could not either.
    @Test
    void shouldAskEveryPageAgainWhenNoneCouldGo() {
        insertAll(0, 8);
        for (int turn = 0; turn < 3; turn++) {
            int seen = 0;
            for (int i = 0; i < 8; i++) {
                int frame = isolate(1)[0];
                seen |= 1 << frame;
                putBack(frame, false);
            }
            assertThat(seen).as("turn %s", turn).isEqualTo(0xff);
        }
    }

    @Test
    void shouldLeaveAMemoThatASlotCanHold() {
        insertAll(0, 64);
        for (int frame : isolate(64)) {
            assertThat(evict(frame)).isBetween(0L, (1L << 60) - 1);
        }
        assertThat(lru.size()).isZero();
    }

    @Test
    void shouldAnswerNothingWhenThereIsNothing() {
        assertThat(lru.isolate(new int[4], 4)).isZero();
        assertThat(lru.size()).isZero();
    }

    // S1.1: off the list before the frame is free.
    @Test
    void shouldTakeADeferredFrameOffItsListOnce() {
        insertAll(0, 3);
        long word = frames.update(1, FrameState::put);
        assertThat(FrameState.any(word, FrameState.DEFERRED)).isTrue();
        assertThat(isolate(2)).as("a deferred frame cannot be claimed").containsExactly(0, 2);
        assertThat(lru.removeDeferred(1)).isTrue();
        assertThat(lru.removeDeferred(1)).isFalse();
        assertThat(FrameState.any(frames.word(1), FrameState.FROZEN)).isTrue();
        frames.update(1, FrameState::free);
        putBack(0, false);
        putBack(2, false);
        assertThat(lru.size()).isEqualTo(2);
    }

    @Test
    void shouldRemoveOnlyWhatIsListed() {
        insertAll(0, 2);
        assertThat(lru.remove(0)).isTrue();
        assertThat(FrameState.refs(frames.word(0))).isEqualTo(2);
        assertThat(lru.remove(0)).isFalse();
        assertThat(lru.size()).isEqualTo(1);
    }

    // S1.3: two claimers of one page: exactly one gets it, the loser leaves no reference.
    @Test
    void shouldLetExactlyOneClaimAPage() throws Exception {
        CyclicBarrier round = new CyclicBarrier(2);
        AtomicInteger claims = new AtomicInteger();
        insert(0, Replacement.NO_MEMO);
        int rounds = 5_000;
        Running<Boolean> remover =
                Running.run(
                        () -> {
                            for (int i = 0; i < rounds; i++) {
                                round.await();
                                if (lru.remove(0)) {
                                    claims.incrementAndGet();
                                }
                                round.await();
                                round.await();
                            }
                        });
        int[] batch = new int[1];
        for (int i = 0; i < rounds; i++) {
            round.await();
            claims.addAndGet(lru.isolate(batch, 1));
            round.await();
            assertThat(claims).as("round %s", i).hasValue(1);
            assertThat(FrameState.refs(frames.word(0))).isEqualTo(2);
            lru.verify();
            claims.set(0);
            putBack(0, i % 2 == 0);
            round.await();
        }
        remover.get();
    }

    /** S3.8: the new frame is where the old one was, at either end and in between. */
    @Test
    void shouldGiveAFrameThePlaceOfAnother() {
        insertAll(0, 8);
        for (int frame : isolate(3)) {
            putBack(frame, true);
        }
        int[] before = new int[8];
        lru.snapshot(before);
        for (int from = 0; from < 8; from++) {
            int to = from + 40;
            frames.update(to, FrameState::allocate);
            assertThat(frames.tryFreeze(from, 1, FrameState.BUSY_FOR_RELOCATION)).isTrue();
            boolean wasActive = active(from);
            lru.replace(from, to);
            assertThat(active(to)).isEqualTo(wasActive);
            assertThat(FrameState.any(frames.word(from), FrameState.LRU | FrameState.ACTIVE))
                    .isFalse();
            frames.update(from, FrameState::free);
            lru.verify();
        }
        int[] after = new int[8];
        assertThat(lru.snapshot(after)).isEqualTo(8);
        assertThat(after).containsExactly(Arrays.stream(before).map(f -> f + 40).toArray());
        assertThat(lru.size()).isEqualTo(8);
        assertThat(isolate(1)).as("the oldest goes first").containsExactly(43);
        putBack(43, false);
    }

    /** A frame that is frozen, to be moved, is passed over, and is as it was when it thaws. */
    @Test
    void shouldPassOverAFrozenFrame() {
        insertAll(0, 8);
        assertThat(frames.tryFreeze(0, 1, FrameState.BUSY_FOR_RELOCATION)).isTrue();
        frames.use(0);
        for (int frame : isolate(7)) {
            assertThat(frame).isNotZero();
            putBack(frame, false);
        }
        frames.unfreeze(0, 1);
        lru.verify();
        assertThat(lru.size()).isEqualTo(8);
    }

    @Test
    void shouldNoticeABrokenList() {
        broken = true;
        insertAll(0, 4);
        lru.verify();
        frames.next(2, 0); // skips frame 1
        assertThatThrownBy(lru::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("I2");
    }

    @Test
    void shouldNoticeAFlagWithoutALink() {
        broken = true;
        insertAll(0, 2);
        frames.update(5, FrameState::allocate);
        frames.set(5, FrameState.LRU);
        assertThatThrownBy(lru::verify).hasMessageContaining("I2");
        frames.clear(5, FrameState.LRU);
        lru.verify();
        frames.clear(1, FrameState.LRU);
        assertThatThrownBy(lru::verify).hasMessageContaining("I2");
        frames.set(1, FrameState.LRU | FrameState.ACTIVE);
        assertThatThrownBy(lru::verify).as("on the wrong list").hasMessageContaining("I2");
    }
}
