package dev.quire.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

final class ScaleTest {
    @Test
    void shouldMarkRoundValuesAroundTheOthers() {
        assertThat(scale(Axis.Kind.LINEAR, 0.61, 0.87).marks())
                .containsExactly(0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9);
        assertThat(scale(Axis.Kind.FROM_ZERO, 310, 1210).marks())
                .containsExactly(0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0, 1400.0);
        assertThat(scale(Axis.Kind.LOG, 3, 40_000_000).marks())
                .containsExactly(1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8);
        assertThat(scale(Axis.Kind.LOG, 130, 410).marks()).containsExactly(100.0, 200.0, 500.0);
        assertThat(scale(Axis.Kind.LOG_AT_POINTS, 4, 1, 2, 2).marks())
                .containsExactly(1.0, 2.0, 4.0);
        assertThat(scale(Axis.Kind.PERCENTILES, 0, 50, 99.95).marks())
                .containsExactly(0.0, 50.0, 90.0, 99.0, 99.9);
    }

    @Test
    void shouldEndRatiosAtOne() {
        assertThat(scale(Axis.Kind.RATIO, 1, 1).marks())
                .startsWith(0.9)
                .endsWith(1.0)
                .hasSizeBetween(3, 9);
        assertThat(scale(Axis.Kind.RATIO, 1).at(1)).isEqualTo(500);
        assertThat(scale(Axis.Kind.RATIO, 0.93, 1).marks()).startsWith(0.93).endsWith(1.0);
        assertThat(scale(Axis.Kind.RATIO, 0.61, 0.87).marks()).startsWith(0.6).endsWith(0.9);
        assertThat(scale(Axis.Kind.RATIO, 0, 0).marks()).startsWith(0.0).endsWith(0.1);
        assertThat(scale(Axis.Kind.RATIO, 0, 1).marks()).startsWith(0.0).endsWith(1.0);
    }

    @Test
    void shouldSpreadLogarithmsEvenly() {
        Scale log = scale(Axis.Kind.LOG, 1, 10_000);
        assertThat(log.at(1)).isEqualTo(100);
        assertThat(log.at(100)).isCloseTo(300, within(1e-9));
        assertThat(log.at(10_000)).isCloseTo(500, within(1e-9));

        Scale percentiles = scale(Axis.Kind.PERCENTILES, 0, 99.99);
        assertThat(percentiles.at(0)).isEqualTo(100);
        assertThat(percentiles.at(90)).isCloseTo(200, within(1e-6));
        assertThat(percentiles.at(99.9)).isCloseTo(400, within(1e-6));
    }

    @Test
    void shouldKeepEveryValueOnThePaper() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            for (Axis.Kind kind : Axis.Kind.values()) {
                double greatest =
                        kind == Axis.Kind.PERCENTILES ? 100 : Math.pow(10, random.nextInt(-6, 12));
                double[] values =
                        random.doubles(1 + random.nextInt(5)).map(one -> one * greatest).toArray();
                Scale scale = scale(kind, values);
                assertThat(scale.marks()).as("seed %d", seed).hasSizeBetween(1, 12).isSorted();
                for (double value : values) {
                    assertThat(scale.at(value))
                            .as("seed %d, %s, %s", seed, kind, value)
                            .isBetween(99.999, 500.001);
                }
            }
        }
    }

    @Test
    void shouldShowNothingThatHasNoPlace() {
        assertThat(scale(Axis.Kind.LOG, 0, 5, 10).shows(0)).isFalse();
        assertThat(scale(Axis.Kind.LINEAR, Double.NaN, 1).shows(Double.NaN)).isFalse();
        assertThat(scale(Axis.Kind.LINEAR).marks()).isNotEmpty();
        assertThat(scale(Axis.Kind.LOG_AT_POINTS).marks()).isNotEmpty();
    }

    private static Scale scale(Axis.Kind kind, double... values) {
        return new Scale(kind, values, 100, 500, 9);
    }
}
