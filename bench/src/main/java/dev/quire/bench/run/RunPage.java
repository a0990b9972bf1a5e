package dev.quire.bench.run;

import dev.quire.allocator.BuddyInfo;
import dev.quire.bench.console.Names;
import dev.quire.bench.console.Units;
import dev.quire.bench.report.Axis;
import dev.quire.bench.report.Chart;
import dev.quire.bench.report.HeatMap;
import dev.quire.bench.report.LatencyCurve;
import dev.quire.bench.report.LineChart;
import dev.quire.bench.report.Page;
import dev.quire.bench.report.Palette;
import dev.quire.bench.report.Point;
import dev.quire.bench.report.Series;
import dev.quire.bench.report.Table;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** One run as a page of pictures: what happened over time, how long operations took. */
final class RunPage {
    private static final String CACHE = "quire";
    private static final String READ = "read";
    private static final String WRITE = "write";

    private final RunReport report;
    private final List<Timeline.Moment> moments;

    /**
     * A page.
     *
     * @param report what the run did
     * @param moments of the run; nothing is drawn over time when there are none
     */
    RunPage(RunReport report, List<Timeline.Moment> moments) {
        this.report = report;
        this.moments = moments;
    }

    /** The page of a run made by a command. */
    String html(String command) {
        RunOptions options = report.options();
        Page page =
                new Page(
                        "Run: %s, %d %% reads"
                                .formatted(Names.of(options.distribution()), options.readPercent()),
                        Palette.of(List.of(CACHE), List.of(READ, WRITE)));
        page.made(command).lines(report.table());
        if (!moments.isEmpty()) {
            page.section("Over time").charts(overTime());
        }
        page.section(moments.isEmpty() ? "Latency" : "Latency, and how free memory lies");
        page.charts(moments.isEmpty() ? List.of(latency()) : List.of(latency(), buddies()));
        return page.table(asked()).html();
    }

    private List<Chart> overTime() {
        Axis pages = Axis.fromZero("pages", Units::rate);
        Axis frames = Axis.fromZero("frames", Units::rate);
        return List.of(
                line(
                        "Throughput",
                        Axis.fromZero("operations/s", Units::rate),
                        Timeline.Moment::opsPerSecond),
                line("Hit ratio", Axis.ratio("hits of accesses"), Timeline.Moment::hitRatio),
                line("Dirty pages", pages, Timeline.Moment::dirtyPages),
                line("Free frames", frames, Timeline.Moment::freeFrames),
                line(
                        "Latency: 99 of 100 operations are faster",
                        Axis.nanos("p99, log scale"),
                        Timeline.Moment::p99Nanos),
                new LineChart(
                        "The store",
                        "",
                        Axis.seconds(),
                        Axis.fromZero("MiB/s", Axis::plain),
                        List.of(
                                series(READ, moment -> mib(moment.bytesReadPerSecond())),
                                series(WRITE, moment -> mib(moment.bytesWrittenPerSecond())))));
    }

    private LineChart line(String title, Axis y, ToDoubleFunction<Timeline.Moment> figure) {
        return new LineChart(title, "", Axis.seconds(), y, List.of(series(CACHE, figure)));
    }

    private Series series(String subject, ToDoubleFunction<Timeline.Moment> figure) {
        return new Series(
                subject,
                moments.stream()
                        .map(moment -> new Point(moment.seconds(), figure.applyAsDouble(moment)))
                        .toList());
    }

    private static double mib(double bytes) {
        return bytes / (1 << 20);
    }

    private HeatMap buddies() {
        List<Integer> orders =
                IntStream.rangeClosed(0, BuddyInfo.ORDER_MAX).boxed().toList().reversed();
        // A column begins where the moment before ended.
        List<Double> starts = new ArrayList<>(List.of(0.0));
        moments.stream().limit(moments.size() - 1L).forEach(moment -> starts.add(moment.seconds()));
        return new HeatMap(
                "Free frames in blocks of each order",
                "A block of order n is 2^n frames in a row.",
                "order",
                orders.stream().map(order -> Integer.toString(order)).toList(),
                Axis.seconds(),
                starts,
                Axis.log("free frames, log scale", Units::rate),
                orders.stream().map(this::freeFrames).toList());
    }

    private List<Double> freeFrames(int order) {
        return moments.stream()
                .map(moment -> moment.freeFramesByOrder().get(order).doubleValue())
                .toList();
    }

    private LineChart latency() {
        return new LineChart(
                "Latency of operations",
                "How long the given share of them took at most.",
                Axis.percentiles(),
                Axis.nanos("latency, log scale"),
                List.of(
                        LatencyCurve.of(READ, report.latencies().reads()),
                        LatencyCurve.of(WRITE, report.latencies().writes())));
    }

    private Table asked() {
        RunOptions options = report.options();
        return new Table("Options", List.of("option", "value"))
                .row(List.of("--file", options.file() == null ? "temporary" : "" + options.file()))
                .row(List.of("--file-bytes", Units.bytes(report.fileBytes())))
                .row(List.of("--memory", Units.bytes(options.memoryBytes())))
                .row(List.of("--page-bytes", Units.bytes(options.pageBytes())))
                .row(List.of("--threads", Integer.toString(options.threads())))
                .row(List.of("--reads", options.readPercent() + " %"))
                .row(List.of("--distribution", Names.of(options.distribution())))
                .row(List.of("--seconds", Axis.plain(options.seconds())))
                .row(List.of("--engine", Names.of(report.engine())))
                .row(List.of("direct I/O", report.direct() ? "yes" : "no"))
                .row(List.of("--seed", Long.toString(options.seed())));
    }
}
