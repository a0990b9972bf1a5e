package dev.quire.allocator.zone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tickets and reservations of trees, and the hints. */
class TreesTest {
    private final Trees trees = new Trees(3 * 1024 + 100, 10);

    @Test
    void shouldCountTheLastTreeAsFarAsItGoes() {
        assertThat(trees.count()).isEqualTo(4);
        assertThat(trees.free(2)).isEqualTo(1024);
        assertThat(trees.free(3)).isEqualTo(100);
        assertThat(trees.of(3071)).isEqualTo(2);
        assertThat(trees.firstChild(3)).isEqualTo(6);
    }

    @Test
    void shouldGiveNoMoreTicketsThanThereAre() {
        assertThat(trees.take(3, 101)).isFalse();
        assertThat(trees.take(3, 60)).isTrue();
        assertThat(trees.takeUpTo(3, 64)).isEqualTo(40);
        assertThat(trees.takeUpTo(3, 64)).isZero();
        trees.give(3, 2);
        assertThat(trees.free(3)).isEqualTo(2);
    }

    @Test
    void shouldReserveATreeOnceAndKeepItsTicketsApart() {
        assertThat(trees.reserve(0)).isTrue();
        assertThat(trees.reserve(0)).isFalse();
        assertThat(trees.take(0, 1024)).isTrue();
        assertThat(trees.free(0)).isZero();
        assertThat(trees.isReserved(0)).isTrue();
        trees.unreserve(0);
        trees.give(0, 7);
        assertThat(trees.isReserved(0)).isFalse();
        assertThat(trees.free(0)).isEqualTo(7);
    }

    @Test
    void shouldPointAtTheLowestTreeThatGotPlenty() {
        trees.lowest().advance(0, 3);
        trees.take(1, 1024);
        trees.give(1, Trees.PLENTY - 1);
        assertThat(trees.lowest().get()).isEqualTo(3);
        trees.give(1, 1);
        assertThat(trees.lowest().get()).isEqualTo(1);
    }

    @Test
    void shouldNotMoveAHintThatMovedMeanwhile() {
        Trees.Hint hint = new Trees.Hint(5);
        hint.lower(2);
        hint.advance(5, 9);
        assertThat(hint.get()).isEqualTo(2);
        hint.advance(2, 9);
        hint.lower(11);
        assertThat(hint.get()).isEqualTo(9);
        hint.raise(10);
        assertThat(hint.get()).isEqualTo(10);
    }

    @Test
    void shouldShareSlotsBetweenStripes() {
        Reservations slots = new Reservations(4, false);
        assertThat(slots.tree(9)).isEqualTo(Reservations.NONE);
        assertThat(slots.swap(1, 7)).isEqualTo(Reservations.NONE);
        assertThat(slots.tree(9)).as("the same slot").isEqualTo(7);
        assertThat(slots.tree(Integer.MAX_VALUE)).isEqualTo(Reservations.NONE);
        assertThat(slots.swap(5, 8)).isEqualTo(7);
    }

    @Test
    void shouldKeepASlotApartForWhatNeverMoves() {
        Reservations slots = new Reservations(4, true);
        assertThat(slots.count()).isEqualTo(5);
        assertThat(slots.swap(BuddyZone.UNMOVABLE, 7)).isEqualTo(Reservations.NONE);
        assertThat(slots.tree(BuddyZone.UNMOVABLE)).isEqualTo(7);
        for (int stripe = 0; stripe < 8; stripe++) {
            assertThat(slots.tree(stripe)).as("stripe %s", stripe).isEqualTo(Reservations.NONE);
        }
    }

    @Test
    void shouldSumTheCellsWithinTheZonesSize() {
        FreeCount count = new FreeCount(10, 4);
        assertThat(count.sum()).isEqualTo(10);
        count.add(1, -10);
        assertThat(count.sum()).isZero();
        count.add(6, -1);
        assertThat(count.sum()).as("seen half way").isZero();
        count.add(3, 20);
        assertThat(count.sum()).isEqualTo(10);
        assertThat(count.exact()).isEqualTo(19);
    }
}
