package dev.quire.bench.compare;

import dev.quire.bench.console.Units;
import dev.quire.bench.report.Axis;
import dev.quire.bench.report.Bar;
import dev.quire.bench.report.BarChart;
import dev.quire.bench.report.BarGroup;
import dev.quire.bench.report.LineChart;
import dev.quire.bench.report.Page;
import dev.quire.bench.report.Palette;
import dev.quire.bench.report.Point;
import dev.quire.bench.report.Series;
import dev.quire.bench.report.Table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** A comparison as a page of pictures. */
final class ComparePage {
    private static final String BASE = Subject.QUIRE.toString();

    private final CompareReport report;

    ComparePage(CompareReport report) {
        this.report = report;
    }

    /** The page of a comparison made by a command. */
    String html(String command) {
        List<String> subjects = Arrays.stream(Subject.values()).map(Subject::toString).toList();
        Page page = new Page("A file larger than memory", Palette.of(List.of(BASE), subjects));
        page.made(command);
        report.headlines().forEach(page::text);
        page.text(
                "Memory for pages is the same for all: Quire's frames and tables, or what a control"
                    + " group leaves to the kernel's page cache and its tables beside the JVM's own"
                    + " memory. Heaps, code and threads count for nobody.");
        report.others().forEach(page::text);
        page.section("Over time, warming up included")
                .charts(
                        List.of(
                                lines(
                                        "Throughput",
                                        Axis.seconds(),
                                        Axis.fromZero("requests/s", Units::rate),
                                        Outcome::rates),
                                lines(
                                        "99 of 100 requests are faster",
                                        Axis.seconds(),
                                        Axis.nanos("p99, log scale"),
                                        Outcome::p99s)));
        page.section("How long requests take")
                .charts(
                        List.of(
                                curves("Point reads", Outcome::reads),
                                curves("Writes", Outcome::writes),
                                curves(
                                        "Scans of " + LoadSettings.SCAN_PAGES + " pages",
                                        Outcome::scans)));
        DoubleFunction<String> nanos = value -> Units.nanos((long) value);
        DoubleFunction<String> bytes = value -> Units.bytes((long) value);
        page.section("What they cost")
                .charts(
                        List.of(
                                bars(
                                        "Throughput",
                                        "requests/s, more is better",
                                        Units::rate,
                                        Outcome::requestsPerSecond),
                                bars(
                                        "Processor time a request",
                                        "less is better",
                                        nanos,
                                        Outcome::cpuNanosPerRequest),
                                bars(
                                        "Read from the device a request",
                                        "less is better",
                                        bytes,
                                        Outcome::bytesReadPerRequest)));
        return page.table(table())
                .text(
                        "CPU/req is processor time of the process, the kernel's on its behalf"
                            + " included, but not that of the kernel's own threads: they write back"
                            + " what mmap and filechannel made dirty. written is what the device"
                            + " was sent for Quire, what was made dirty for the others. sync is how"
                            + " long it took to make everything durable in the end, which no other"
                            + " column has.")
                .html();
    }

    private LineChart lines(String title, Axis x, Axis y, Function<Outcome, List<Point>> points) {
        return new LineChart(
                title,
                "",
                x,
                y,
                report.outcomes().stream()
                        .map(outcome -> new Series(outcome.subject(), points.apply(outcome)))
                        .toList());
    }

    private LineChart curves(String title, Function<Outcome, Outcome.Times> times) {
        return lines(
                title,
                Axis.percentiles(),
                Axis.nanos("latency, log scale"),
                outcome -> times.apply(outcome).curve());
    }

    private BarChart bars(
            String title,
            String unit,
            DoubleFunction<String> format,
            ToDoubleFunction<Outcome> figure) {
        List<Bar> bars =
                report.outcomes().stream()
                        .map(one -> new Bar(one.subject(), figure.applyAsDouble(one), 0))
                        .toList();
        boolean compared = bars.stream().anyMatch(bar -> bar.subject().equals(BASE));
        return new BarChart(
                title, "", unit, format, compared ? BASE : null, List.of(new BarGroup("", bars)));
    }

    private Table table() {
        List<String> columns = new ArrayList<>(List.of("subject"));
        columns.addAll(CompareReport.columns());
        Table table =
                new Table(
                        "slowest: the slowest interval over the mean. p50 to p99.9: point reads. w:"
                                + " writes. pages: memory they take, tables included.",
                        columns);
        for (Outcome outcome : report.outcomes()) {
            List<String> cells = new ArrayList<>(List.of(outcome.subject()));
            cells.addAll(CompareReport.cells(outcome));
            table.row(cells);
        }
        return table;
    }
}
