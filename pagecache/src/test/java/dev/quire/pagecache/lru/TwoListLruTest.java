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

class TwoListLruTest {
    private final FrameTable frames = new FrameTable(64);
    private final TwoListLru lru = new TwoListLru(frames);
    private boolean broken;

    @AfterEach
    void verify() {
        if (!broken) {
            lru.verify();
        }
    }

    private boolean insert(int frame, long shadow) {
        frames.update(frame, FrameState::allocate);
        return lru.insert(frame, shadow);
    }

    private void insertAll(int from, int to) {
        for (int frame = from; frame < to; frame++) {
            insert(frame, -1);
        }
    }

    private boolean active(int frame) {
        return FrameState.any(frames.word(frame), FrameState.ACTIVE);
    }

    private void putBack(int frame, boolean used) {
        lru.putBack(frame, used);
        frames.update(frame, FrameState::put);
    }

    /** Evicts an isolated frame; answers its shadow. */
    private long evict(int frame) {
        assertThat(frames.tryFreeze(frame, 2, FrameState.BUSY_FOR_EVICTION)).isTrue();
        long shadow = lru.leave(frame);
        frames.update(frame, FrameState::free);
        return shadow;
    }

    @Test
    void shouldGiveUpTheOldestFirst() {
        insertAll(0, 8);
        int[] batch = new int[3];
        assertThat(lru.isolate(batch, 3)).isEqualTo(3);
        assertThat(batch).containsExactly(0, 1, 2);
        assertThat(lru.size()).isEqualTo(5);
        lru.verify();
        for (int frame : batch) {
            assertThat(FrameState.refs(frames.word(frame))).isEqualTo(2);
            putBack(frame, false);
        }
        assertThat(lru.isolate(batch, 1)).isEqualTo(1);
        assertThat(batch[0]).as("those put back wait for another turn").isEqualTo(3);
        putBack(3, false);
    }

    @Test
    void shouldAnswerNothingWhenThereIsNothing() {
        assertThat(lru.isolate(new int[4], 4)).isZero();
        assertThat(lru.size()).isZero();
    }

    @Test
    void shouldMoveUsedPagesToTheMainListAndKeepThemThere() {
        insertAll(0, 8);
        int[] batch = new int[2];
        lru.isolate(batch, 2);
        putBack(0, true);
        putBack(1, true);
        assertThat(active(0)).isTrue();
        assertThat(FrameState.any(frames.word(0), FrameState.WORKINGSET)).isTrue();
        int[] rest = new int[8];
        assertThat(lru.isolate(rest, 6)).isEqualTo(6);
        assertThat(Arrays.copyOf(rest, 6)).containsExactly(2, 3, 4, 5, 6, 7);
        for (int i = 0; i < 6; i++) {
            putBack(rest[i], false);
        }
    }

    @Test
    void shouldAgeTheMainListWhenProbationIsShort() {
        insertAll(0, 4);
        int[] batch = new int[4];
        lru.isolate(batch, 4);
        for (int frame : batch) {
            putBack(frame, true);
        }
        frames.uses(0, 2); // used since it came to the main list
        assertThat(lru.isolate(batch, 4)).isPositive();
        assertThat(active(0)).as("used: stays").isTrue();
        assertThat(frames.uses(0)).as("and pays for it").isEqualTo(1);
        assertThat(batch[0]).as("the next one goes").isEqualTo(1);
        assertThat(active(1)).isFalse();
        assertThat(FrameState.any(frames.word(1), FrameState.WORKINGSET)).isTrue();
        for (int i = 0; i < 4; i++) {
            if (FrameState.refs(frames.word(batch[i])) == 2) {
                putBack(batch[i], false);
            }
        }
    }

    @Test
    void shouldTakeAPageThatComesBackSoonToTheMainList() {
        insertAll(0, 6);
        int[] batch = new int[6];
        lru.isolate(batch, 6);
        for (int frame = 3; frame < 6; frame++) {
            putBack(frame, true);
        }
        long early = evict(0);
        long late = evict(1);
        evict(2);
        // The main list is 3 long: what left at most 3 events ago would have stayed.
        assertThat(insert(1, late)).isTrue();
        assertThat(active(1)).isTrue();
        for (int i = 0; i < 8; i++) {
            lru.leave(10); // time passes
        }
        assertThat(insert(0, early)).isFalse();
        assertThat(active(0)).isFalse();
        assertThat(insert(2, -1)).isFalse();
    }

    @Test
    void shouldRememberInTheShadowWhetherThePageWasInUse() {
        insertAll(0, 2);
        int[] batch = new int[2];
        lru.isolate(batch, 2);
        putBack(0, true);
        assertThat(evict(1) & 1).isZero();
        assertThat(lru.isolate(batch, 1)).isEqualTo(1);
        assertThat(evict(0) & 1).isEqualTo(1);
    }

    // S1.1: off the list before the frame is free.
    @Test
    void shouldTakeADeferredFrameOffItsListOnce() {
        insertAll(0, 3);
        long word = frames.update(1, FrameState::put);
        assertThat(FrameState.any(word, FrameState.DEFERRED)).isTrue();
        int[] batch = new int[3];
        assertThat(lru.isolate(batch, 3)).as("a deferred frame cannot be claimed").isEqualTo(2);
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
        insert(0, -1);
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
