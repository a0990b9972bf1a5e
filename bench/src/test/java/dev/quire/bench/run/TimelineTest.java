package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.BuddyInfo;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.report.Xml;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

import java.util.List;
import java.util.concurrent.TimeUnit;

final class TimelineTest {
    @Test
    void shouldLookOnceASecondAndOftenerInShortRuns() {
        assertThat(Timeline.periodNanos(0.1)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
        assertThat(Timeline.periodNanos(12)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(Timeline.periodNanos(300)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        assertThat(Timeline.periodNanos(7 * 24 * 3600)).isEqualTo(TimeUnit.SECONDS.toNanos(1008));
    }

    @Test
    void shouldKeepTheRatesOfAMomentAndHowThingsStandAtItsEnd() {
        Timeline.Moment moment = moment(2, 1000);

        assertThat(moment.seconds()).isEqualTo(2);
        assertThat(moment.opsPerSecond()).isEqualTo(2000);
        assertThat(moment.hitRatio()).isEqualTo(0.8);
        assertThat(moment.bytesReadPerSecond()).isEqualTo(2 * 200 * 8192);
        assertThat(moment.bytesWrittenPerSecond()).isEqualTo(2 * 50 * 8192);
        assertThat(moment.dirtyPages()).isEqualTo(1234);
        assertThat(moment.freeFrames()).isEqualTo(777);
        assertThat(moment.p99Nanos()).isBetween(4900.0, 5100.0);
        assertThat(moment.freeFramesByOrder())
                .hasSize(BuddyInfo.ORDER_MAX + 1)
                .last()
                .isEqualTo(2048L);
    }

    @Test
    void shouldKnowNoLatencyWhenNothingHappened() {
        assertThat(moment(1, 0).p99Nanos()).isNaN();
        assertThat(moment(1, 0).opsPerSecond()).isZero();
    }

    @Test
    void shouldGiveEveryWatcherAllOperations() {
        Latencies latencies = new Latencies(List.of());
        Latencies.Interval one = latencies.interval();

        assertThat(one.take().getTotalCount()).isZero();
        assertThat(latencies.interval().take()).isNotSameAs(one.take());
    }

    @Test
    void shouldDrawTheMomentsOfARun() {
        RunReport report = RunReportTest.report(0);
        report.latencies().reads().recordValueWithCount(1000, 500);
        report.latencies().reads().recordValueWithCount(90_000, 7);

        Element page =
                Xml.parse(
                        new RunPage(report, List.of(moment(1, 10), moment(2, 20), moment(3, 0)))
                                .html("./quire run --report='a b'"));

        assertThat(Xml.texts(page, "code")).containsExactly("./quire run --report='a b'");
        assertThat(Xml.texts(page, "figcaption").stream().map(c -> c.split("\n", -1)[0]))
                .contains("Throughput", "Hit ratio", "Dirty pages", "Free frames", "The store");
        assertThat(Xml.texts(page, "title"))
                .contains("quire, time 1: 20", "quire, time 3: 0", "read", "write")
                .contains("10, time 0: 2.05k");
        assertThat(Xml.texts(page, "pre").getFirst()).contains("throughput", "verified    yes");
        assertThat(Xml.texts(page, "td")).contains("16.0 KiB", "1.00 MiB", "thread-pool");
    }

    @Test
    void shouldDrawARunThatWasTooShortForAMoment() {
        String page = new RunPage(RunReportTest.report(0), List.of()).html("");

        assertThat(Xml.texts(Xml.parse(page), "h2")).containsExactly("Latency");
        assertThat(page).doesNotContain("NaN");
    }

    /** 1000 accesses, of which 200 missed, and 50 pages written in half a second. */
    private static Timeline.Moment moment(int seconds, int operations) {
        Histogram latencies = LatencyRecorder.newHistogram();
        latencies.recordValueWithCount(5000, operations);
        Sample sample =
                new Sample(
                        TimeUnit.SECONDS.toNanos(seconds),
                        TimeUnit.MILLISECONDS.toNanos(500),
                        RunReportTest.stats(1000, 100, 10, 5, 3000),
                        RunReportTest.stats(2000, 300, 60, 1234, 777),
                        latencies);
        AllocatorConfig config = AllocatorConfig.builder().capacityBytes(8 << 20).build();
        try (PageAllocator allocator = PageAllocator.create(config)) {
            return Timeline.moment(sample, allocator.buddyInfo());
        }
    }
}
