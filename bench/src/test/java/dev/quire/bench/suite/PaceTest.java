package dev.quire.bench.suite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long everything is measured, and before that not. */
final class PaceTest {
    @Test
    void shouldWarmUpForThreeSecondsWhereACacheHasToFillFirst() {
        assertThat(Catalogue.of(2))
                .filteredOn(work -> work.group() == Group.MISS)
                .isNotEmpty()
                .allSatisfy(
                        work ->
                                assertThat(Pace.QUICK.warmUps(work) * Pace.QUICK.seconds())
                                        .as(work.toString())
                                        .isGreaterThanOrEqualTo(3));
    }

    @Test
    void shouldWarmUpAsItIsToldWhereNothingFills() {
        assertThat(Catalogue.of(2))
                .filteredOn(work -> work.group() == Group.HIT)
                .allMatch(work -> Pace.QUICK.warmUps(work) == Pace.QUICK.warmUps());
    }
}
