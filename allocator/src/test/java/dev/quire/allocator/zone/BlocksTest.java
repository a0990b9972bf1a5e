package dev.quire.allocator.zone;

import static dev.quire.allocator.zone.BuddyZone.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tickets are given back when their bits are lost to somebody else. */
class BlocksTest {
    private final DisturbedRows rows = new DisturbedRows();
    private final Children children = new Children(Child.FRAMES);
    private final Trees trees = new Trees(Child.FRAMES, 10);
    private final Blocks blocks = new Blocks(Child.FRAMES, rows, children, trees);

    /** Takes all frames but some at the beginning. */
    private void leave(int frames) {
        blocks.takeSingles(0, new int[Child.FRAMES], 0, Child.FRAMES);
        for (int frame = 0; frame < frames; frame++) {
            blocks.give(frame, 0);
        }
    }

    private void assertTickets(int frames) {
        assertThat(children.free(0)).isEqualTo(frames);
        assertThat(trees.free(0)).isEqualTo(frames);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 8})
    void shouldGiveItsTicketsBackWhenABlockIsLost(int order) {
        leave(1 << order);
        rows.disturb(0);
        assertThat(blocks.takeSmall(0, order)).isEqualTo(NO_FRAME);
        assertTickets(1 << order);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 6, 7, 8})
    void shouldGiveItsTicketsBackWhenACertainBlockIsLost(int order) {
        leave(1 << order);
        rows.disturb(0);
        assertThat(blocks.takeAt(0, order)).isFalse();
        assertTickets(1 << order);
    }

    @Test
    void shouldGiveBackTheTicketsOfABatchThatItFoundNoBitsFor() {
        leave(DisturbedRows.POSITION + 1);
        rows.disturb(0);
        int[] frames = new int[8];
        assertThat(blocks.takeSingles(0, frames, 0, 8)).isEqualTo(DisturbedRows.POSITION);
        assertTickets(1);
    }

    @Test
    void shouldCountWhatItGaveWhenTheBatchEndsInTheMiddle() {
        leave(0);
        assertThat(blocks.giveSingles(new int[] {1, 2, 70, 1, 3}, 0, 5)).isEqualTo(3);
        assertTickets(3);
        assertThat(blocks.giveSingles(new int[] {9, 9}, 0, 2)).isEqualTo(1);
        assertTickets(4);
    }
}
