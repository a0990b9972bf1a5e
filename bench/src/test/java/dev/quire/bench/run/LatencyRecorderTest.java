package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class LatencyRecorderTest {
    @Test
    void shouldHandOutEveryOperationOnce() {
        LatencyRecorder recorder = new LatencyRecorder();
        recorder.record(100);
        recorder.record(200);
        Histogram first = recorder.takeInterval().copy();
        recorder.record(1_000_000);
        Histogram second = recorder.takeInterval().copy();

        assertThat(first.getTotalCount()).isEqualTo(2);
        assertThat(second.getTotalCount()).isEqualTo(1);
        assertThat(second.valuesAreEquivalent(second.getMaxValue(), 1_000_000)).isTrue();
        assertThat(recorder.takeInterval().getTotalCount()).isZero();
    }

    @Test
    void shouldTakeAnyDuration() {
        LatencyRecorder recorder = new LatencyRecorder();
        recorder.record(0);
        recorder.record(-5);
        recorder.record(Long.MAX_VALUE);
        Histogram histogram = recorder.takeInterval();
        assertThat(histogram.getTotalCount()).isEqualTo(3);
        assertThat(histogram.getMaxValue()).isGreaterThanOrEqualTo(3_600_000_000_000L);
    }
}
