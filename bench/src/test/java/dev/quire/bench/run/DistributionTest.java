package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

final class DistributionTest {
    private static final int PAGES = 1000;

    @ParameterizedTest
    @EnumSource
    void shouldAskOnlyForPagesOfTheFile(Distribution distribution) {
        KeySource keys = source(distribution, 5, 1);
        long[] asked = LongStream.generate(keys::next).limit(100_000).toArray();
        assertThat(Arrays.stream(asked).allMatch(page -> page >= 0 && page < PAGES)).isTrue();
        assertThat(Arrays.stream(asked).distinct().count()).isGreaterThan(PAGES * 9 / 10);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAskForTheSamePagesWithTheSameSeed(Distribution distribution) {
        KeySource one = source(distribution, 5, 0);
        KeySource other = source(distribution, 5, 0);
        assertThat(LongStream.generate(one::next).limit(100).toArray())
                .isEqualTo(LongStream.generate(other::next).limit(100).toArray());
    }

    @ParameterizedTest
    @EnumSource
    void shouldManageAFileOfOnePage(Distribution distribution) {
        KeySource keys = distribution.source(1, 5, new SplittableRandom(5), 1, 2);
        assertThat(LongStream.generate(keys::next).limit(10)).containsOnly(0L);
    }

    @Test
    void shouldGoPageByPageFromEvenlySpreadStarts() {
        KeySource first = source(Distribution.SEQUENTIAL, 5, 0);
        KeySource second = source(Distribution.SEQUENTIAL, 5, 1);
        assertThat(LongStream.generate(first::next).limit(3)).containsExactly(0L, 1L, 2L);
        assertThat(LongStream.generate(second::next).limit(501).skip(498))
                .containsExactly(998L, 999L, 0L);
    }

    @Test
    void shouldShareItsHotPagesBetweenThreadsButScatterThem() {
        long hotOfFirst = hottest(source(Distribution.ZIPF, 5, 0));
        assertThat(hottest(source(Distribution.ZIPF, 5, 1))).isEqualTo(hotOfFirst);
        assertThat(hottest(source(Distribution.ZIPF, 6, 0))).isNotEqualTo(hotOfFirst);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 63, 64, 65, 1000, 262_144, 262_145})
    void shouldScatterWithoutMeetingTwice(int n) {
        Permutation permutation = new Permutation(n, 99);
        BitSet met = new BitSet(n);
        for (int number = 0; number < n; number++) {
            met.set(Math.toIntExact(permutation.apply(number)));
        }
        assertThat(met.cardinality()).isEqualTo(n);
        assertThat(met.length()).isEqualTo(n);
    }

    private static KeySource source(Distribution distribution, long seed, int thread) {
        return distribution.source(PAGES, seed, new SplittableRandom(seed + thread), thread, 2);
    }

    private static long hottest(KeySource keys) {
        int[] counts = new int[PAGES];
        for (int sample = 0; sample < 100_000; sample++) {
            counts[Math.toIntExact(keys.next())]++;
        }
        int hottest = 0;
        for (int page = 0; page < PAGES; page++) {
            hottest = counts[page] > counts[hottest] ? page : hottest;
        }
        return hottest;
    }
}
