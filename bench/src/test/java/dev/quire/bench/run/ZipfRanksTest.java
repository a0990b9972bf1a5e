package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.SplittableRandom;

final class ZipfRanksTest {
    private static final int SAMPLES = 1_000_000;

    @ParameterizedTest
    @CsvSource({"1, 0.99", "2, 0.99", "3, 0.5", "100, 0.99", "1000, 0.99", "1000, 0.2"})
    void shouldFollowZipfsLaw(int ranks, double theta) {
        long[] counts = new long[ranks];
        ZipfRanks zipf = new ZipfRanks(ranks, theta, new SplittableRandom(20_260_101));
        for (int sample = 0; sample < SAMPLES; sample++) {
            counts[Math.toIntExact(zipf.next())]++;
        }

        double chiSquare = 0;
        double sum = 0;
        for (int rank = 1; rank <= ranks; rank++) {
            sum += Math.pow(rank, -theta);
        }
        for (int rank = 1; rank <= ranks; rank++) {
            double expected = SAMPLES * Math.pow(rank, -theta) / sum;
            double off = counts[rank - 1] - expected;
            chiSquare += off * off / expected;
        }
        // Its mean is ranks - 1, its variance twice that; five deviations are one in millions.
        double degrees = ranks - 1.0;
        assertThat(chiSquare).isLessThanOrEqualTo(degrees + 5 * Math.sqrt(2 * degrees));
    }

    @Test
    void shouldStayInRangeForAFileOfAnySize() {
        long ranks = 1L << 40;
        ZipfRanks zipf = new ZipfRanks(ranks, ZipfRanks.THETA, new SplittableRandom(1));
        long highest = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            long rank = zipf.next();
            assertThat(rank >= 0 && rank < ranks).isTrue();
            highest = Math.max(highest, rank);
        }
        // About 4 % of the samples lie in the upper half.
        assertThat(highest).isGreaterThan(ranks / 2);
    }

    @Test
    void shouldRefuseWhatItsFormulasDoNotCover() {
        SplittableRandom random = new SplittableRandom(1);
        assertThatThrownBy(() -> new ZipfRanks(0, 0.5, random)).hasMessageContaining("ranks=0");
        assertThatThrownBy(() -> new ZipfRanks(1, 1, random)).hasMessageContaining("theta=1.0");
        assertThatThrownBy(() -> new ZipfRanks(1, 0, random)).hasMessageContaining("theta=0.0");
    }
}
