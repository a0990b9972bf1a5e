package dev.quire.bench.suite;

import dev.quire.bench.report.Axis;
import dev.quire.bench.report.Bar;
import dev.quire.bench.report.BarChart;
import dev.quire.bench.report.BarGroup;
import dev.quire.bench.report.LineChart;
import dev.quire.bench.report.Palette;
import dev.quire.bench.report.Point;
import dev.quire.bench.report.Series;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;

/** Results as charts. */
final class Pictures {
    private static final double NANOS_A_SECOND = 1e9;

    private final SuiteResults results;

    Pictures(SuiteResults results) {
        this.results = results;
    }

    /** The colors of a group. */
    Palette palette(Group group) {
        return Palette.of(
                List.of(Catalogue.QUIRE),
                results.rows(group).values().stream()
                        .flatMap(List::stream)
                        .map(Measurement::subject)
                        .distinct()
                        .toList());
    }

    /** All charts of a group; none when it has no figures. */
    List<Picture> of(Group group) {
        List<Picture> pictures = new ArrayList<>();
        if (group == Group.EVICTION) {
            pictures.addAll(hitRatios());
        } else {
            pictures.addAll(bars(group));
            pictures.addAll(scaling(group));
            pictures.addAll(latencies(group));
        }
        return pictures;
    }

    // ---- bars

    private List<Picture> bars(Group group) {
        List<Picture> pictures = new ArrayList<>();
        byCase(group)
                .forEach(
                        (scenario, figures) -> {
                            int threads = figures.getFirst().threads();
                            List<Measurement> shown =
                                    figures.stream().filter(f -> f.threads() == threads).toList();
                            pictures.add(
                                    new Picture(
                                            group + "-" + scenario,
                                            bars(group, scenario, threads, shown)));
                        });
        return pictures;
    }

    private static BarChart bars(
            Group group, String scenario, int threads, List<Measurement> figures) {
        String unit = figures.getFirst().unit();
        return new BarChart(
                group + " " + scenario + (threads == 1 ? "" : ", " + threads + " threads"),
                Catalogue.describe(group.toString(), scenario),
                unit + ", " + (Measurement.lowerIsBetter(unit) ? "less" : "more") + " is better",
                Figures.withUnit(unit),
                Catalogue.QUIRE,
                List.of(
                        new BarGroup(
                                "",
                                figures.stream()
                                        .map(
                                                f ->
                                                        new Bar(
                                                                f.subject(),
                                                                f.value(),
                                                                orZero(f.error())))
                                        .toList())));
    }

    private static double orZero(@Nullable Double error) {
        return error == null ? 0 : error;
    }

    // ---- lines

    /** What all threads do together, where several numbers of them were measured. */
    private List<Picture> scaling(Group group) {
        List<Picture> pictures = new ArrayList<>();
        byCase(group)
                .forEach(
                        (scenario, all) -> {
                            List<Measurement> figures =
                                    all.stream().filter(Pictures::isSomething).toList();
                            boolean several =
                                    figures.stream().map(Measurement::threads).distinct().count()
                                            > 1;
                            if (several && figures.getFirst().unit().equals(Measurement.NANOS)) {
                                pictures.add(
                                        new Picture(
                                                group + "-" + scenario + "-threads",
                                                new LineChart(
                                                        group + " " + scenario + " over threads",
                                                        Catalogue.describe(
                                                                group.toString(), scenario),
                                                        Axis.counts("threads"),
                                                        Axis.fromZero(
                                                                "operations/s of all threads",
                                                                Figures.withUnit(Measurement.RATE)),
                                                        series(figures, Pictures::together))));
                            }
                        });
        return pictures;
    }

    /** What does nothing does the most of it a second. */
    private static boolean isSomething(Measurement figure) {
        return !figure.subject().equals(Catalogue.NOTHING);
    }

    private static List<Point> together(Measurement figure) {
        double rate = figure.threads() * NANOS_A_SECOND / figure.value();
        // To a first order; an error above the figure itself says no more than that it is wild.
        double relative = Math.min(1, orZero(figure.error()) / figure.value());
        return List.of(new Point(figure.threads(), rate, rate * relative));
    }

    private List<Picture> latencies(Group group) {
        List<Picture> pictures = new ArrayList<>();
        byCase(group)
                .forEach(
                        (scenario, figures) -> {
                            List<Measurement> timed =
                                    figures.stream().filter(f -> f.latencyNanos() != null).toList();
                            if (!timed.isEmpty()) {
                                pictures.add(
                                        new Picture(
                                                group + "-" + scenario + "-latency",
                                                new LineChart(
                                                        group + " " + scenario + ", latency",
                                                        Catalogue.describe(
                                                                group.toString(), scenario),
                                                        Axis.percentiles(),
                                                        Axis.nanos("time of one, log scale"),
                                                        series(timed, Pictures::percentiles))));
                            }
                        });
        return pictures;
    }

    /** The longest one has no place on an axis of percentiles; tables have it. */
    private static List<Point> percentiles(Measurement figure) {
        SequencedMap<String, Double> latency = figure.latencyNanos();
        List<Point> points = new ArrayList<>();
        if (latency != null) {
            latency.forEach(
                    (percentile, nanos) -> {
                        double percent = Double.parseDouble(percentile);
                        if (percent < 100 && nanos > 0) {
                            points.add(new Point(percent, nanos));
                        }
                    });
        }
        return points;
    }

    private List<Picture> hitRatios() {
        SequencedMap<String, List<Measurement>> traces = new LinkedHashMap<>();
        byCase(Group.EVICTION)
                .forEach(
                        (scenario, figures) ->
                                traces.computeIfAbsent(
                                                scenario.replaceFirst("@.*", ""),
                                                _ -> new ArrayList<>())
                                        .addAll(figures));
        List<Picture> pictures = new ArrayList<>();
        traces.forEach(
                (trace, figures) ->
                        pictures.add(
                                new Picture(
                                        Group.EVICTION + "-" + trace,
                                        new LineChart(
                                                trace,
                                                Catalogue.describe(
                                                        Group.EVICTION.toString(), trace),
                                                Axis.counts("pages the cache may hold, log scale"),
                                                Axis.ratio("hit ratio"),
                                                series(figures, Pictures::atFrames)))));
        return pictures;
    }

    private static List<Point> atFrames(Measurement figure) {
        Integer frames = figure.frames();
        return frames == null ? List.of() : List.of(new Point(frames, figure.value()));
    }

    private static List<Series> series(
            List<Measurement> figures, Function<Measurement, List<Point>> points) {
        SequencedMap<String, List<Point>> subjects = new LinkedHashMap<>();
        for (Measurement figure : figures) {
            subjects.computeIfAbsent(figure.subject(), _ -> new ArrayList<>())
                    .addAll(points.apply(figure));
        }
        List<Series> series = new ArrayList<>();
        for (Map.Entry<String, List<Point>> subject : subjects.entrySet()) {
            series.add(new Series(subject.getKey(), subject.getValue()));
        }
        return series;
    }

    private SequencedMap<String, List<Measurement>> byCase(Group group) {
        SequencedMap<String, List<Measurement>> cases = new LinkedHashMap<>();
        results.rows(group)
                .forEach(
                        (row, figures) ->
                                cases.computeIfAbsent(row.scenario(), _ -> new ArrayList<>())
                                        .addAll(figures));
        return cases;
    }
}
