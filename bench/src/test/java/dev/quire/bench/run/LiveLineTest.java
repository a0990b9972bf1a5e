package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.PageCacheStats;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class LiveLineTest {
    @Test
    void shouldShowTheRatesSinceTheLineBefore() {
        Histogram latencies = LatencyRecorder.newHistogram();
        latencies.recordValueWithCount(1000, 990);
        latencies.recordValueWithCount(50_000, 10);

        Sample sample =
                new Sample(
                        12_500_000_000L,
                        500_000_000L,
                        stats(1000, 100, 10, 5, 3000),
                        stats(2000, 300, 60, 1234, 777),
                        latencies);

        assertThat(LiveLine.wide(sample))
                .isEqualTo(
                        " 12.5 s  2.00k ops/s  hit 80.0 %  400 faults/s  100 written/s  dirty 1.23k"
                                + "  free 777  p99 1.00 us");
        assertThat(LiveLine.narrow(sample))
                .isEqualTo(
                        "13s ops/s 2.00k hit 80.0% flt 400 wb 100 dirty 1.23k free 777 p99 1.00us");
    }

    @Test
    void shouldFitATerminalOfEightyColumns() {
        Histogram latencies = LatencyRecorder.newHistogram();
        latencies.recordValueWithCount(99_900_000, 45_600);
        PageCacheStats none = stats(0, 0, 0, 0, 0);
        PageCacheStats many = stats(99_900, 45_600, 45_600, 45_600, 45_600);

        assertThat(
                        LiveLine.narrow(
                                new Sample(99_000_000_000L, 1_000_000_000, none, many, latencies)))
                .hasSizeLessThan(80);
    }

    @Test
    void shouldShowAnIntervalInWhichNothingHappened() {
        PageCacheStats same = stats(5, 0, 0, 0, 64);
        assertThat(
                        LiveLine.wide(
                                new Sample(
                                        1_000_000,
                                        1_000_000,
                                        same,
                                        same,
                                        LatencyRecorder.newHistogram())))
                .contains("0 ops/s", "hit 0.0 %", "p99 0 ns");
    }

    private static PageCacheStats stats(
            long accesses, long faults, long pagesWritten, long dirty, long free) {
        return RunReportTest.stats(accesses, faults, pagesWritten, dirty, free);
    }
}
