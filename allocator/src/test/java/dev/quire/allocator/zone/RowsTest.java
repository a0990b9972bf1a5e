package dev.quire.allocator.zone;

import static dev.quire.allocator.zone.BuddyZone.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows of one child; what happens between two steps of a block of several rows. */
class RowsTest {
    /**
     * A published implementation gives back what it took and then answers with the block all the
     * same.
     */
    @ParameterizedTest
    @CsvSource({"7, 0", "7, 1", "8, 0", "8, 1", "8, 2", "8, 3"})
    void shouldGiveBackEveryRowAndFailWhenOneIsLost(int order, int lostRow) {
        DisturbedRows rows = new DisturbedRows();
        int first = 8 - (1 << (order - Row.ORDER)); // the last block: nothing to go on to
        rows.disturb(first + lostRow);
        assertThat(rows.take(0, first, order)).isEqualTo(NO_FRAME);
        for (int row = 0; row < 8; row++) {
            long expected = row == first + lostRow ? ~(1L << 5) : Row.ALL_FREE;
            assertThat(rows.row(row)).as("row %d", row).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"7, 1, 128", "8, 0, 256"})
    void shouldTakeTheNextRowsWhenOneIsLost(int order, int lostRow, int head) {
        DisturbedRows rows = new DisturbedRows();
        rows.disturb(lostRow);
        assertThat(rows.take(0, 0, order)).isEqualTo(head);
        assertThat(rows.free(0)).isEqualTo(512 - (1 << order) - 1);
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "5"})
    void shouldLookAgainWhenARowChanged(int order) {
        DisturbedRows rows = new DisturbedRows();
        rows.disturb(0);
        int head = rows.take(0, 0, order);
        assertThat(head).isEqualTo(order == 0 ? 0 : order == 3 ? 8 : 32);
        assertThat(rows.isFree(5, 0)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"7, 0, 0", "7, 1, 64", "8, 0, 0", "8, 3, 192"})
    void shouldCountWhatBecameFreeWhenTwoFreesRace(int order, int lostRow, int given) {
        DisturbedRows rows = new DisturbedRows();
        int head = rows.take(0, 0, order);
        rows.disturb(head / 64 + lostRow);
        assertThat(rows.give(head, order)).isEqualTo(given);
        assertThat(rows.free(0)).isEqualTo(512 - (1 << order) + given + 1);
    }

    @Test
    void shouldRefuseWholeRowsOfWhichOneFrameIsFreeAndChangeNothing() {
        Rows rows = new Rows(Child.FRAMES, 1);
        rows.take(0, 0, 8);
        rows.giveWithin(3, 1L << 63);
        assertThat(rows.give(0, 8)).isZero();
        assertThat(rows.give(128, 7)).isZero();
        assertThat(rows.free(0)).isEqualTo(257);
        assertThat(rows.give(0, 7)).isEqualTo(128);
    }

    @Test
    void shouldTakeSinglesFromTheLowestRows() {
        Rows rows = new Rows(Child.FRAMES, 1);
        int[] frames = new int[100];
        assertThat(rows.takeSingles(0, frames, 10, 90)).isEqualTo(90);
        for (int i = 0; i < 90; i++) {
            assertThat(frames[10 + i]).isEqualTo(i);
        }
        assertThat(rows.takeSingles(0, new int[512], 0, 512)).isEqualTo(422);
        assertThat(rows.takeSingles(0, frames, 0, 1)).isZero();
    }

    @Test
    void shouldKeepFramesBeyondTheEndTaken() {
        Rows rows = new Rows(512 + 70, 2);
        assertThat(rows.free(0)).isEqualTo(512);
        assertThat(rows.free(1)).isEqualTo(70);
        assertThat(rows.isFree(581, 0)).isTrue();
        assertThat(rows.isFree(582, 0)).isFalse();
    }
}
