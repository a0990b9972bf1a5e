package dev.quire.pagecache.lru;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class TwoListLruTest extends ReplacementContract {
    TwoListLruTest() {
        super(Policies.TWO_LIST);
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
        assertThat(insert(2, Replacement.NO_MEMO)).isFalse();
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
}
