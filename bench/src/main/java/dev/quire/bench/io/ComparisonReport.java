package dev.quire.bench.io;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Medians of a comparison, and their ratios to those of the first of its subjects. */
final class ComparisonReport {
    private static final String ROW = "%-26s%9s %19s %9s %9s %10s %7s %7s";

    /** One subject's medians over its rounds, and the extremes of its rate. */
    private record Line(IoResult median, double iopsMin, double iopsMax) {}

    private final IoSettings settings;
    private final MeasuredFile file;
    private final List<Line> lines = new ArrayList<>();

    /**
     * A report.
     *
     * @param settings what was asked for
     * @param file where the requests went
     * @param results of every subject, not empty; the ratios are to the first
     */
    ComparisonReport(IoSettings settings, MeasuredFile file, Map<String, List<IoResult>> results) {
        this.settings = settings;
        this.file = file;
        results.values().forEach(rounds -> lines.add(line(rounds)));
    }

    /** Requests that failed, of all subjects. */
    long errors() {
        return lines.stream().mapToLong(line -> line.median.errors()).sum();
    }

    /** The lines for people. */
    String table() {
        List<String> rows = new ArrayList<>();
        rows.add(IoReport.headline(settings.shape(), file));
        rows.add(
                String.format(
                        Locale.ROOT,
                        "medians of %d rounds of %s s in turns; ratios to %s",
                        settings.rounds(),
                        settings.shape().seconds(),
                        lines.getFirst().median.subject()));
        rows.add(
                String.format(
                        Locale.ROOT,
                        ROW,
                        "",
                        "IOPS",
                        "min..max",
                        "p50",
                        "p99",
                        "CPU/IO",
                        "IOPS x",
                        "CPU x"));
        lines.forEach(line -> rows.add(row(line)));
        return String.join(System.lineSeparator(), rows);
    }

    /** The object for programs. */
    JsonObject json() {
        return IoReport.settingsOf(new JsonObject(), settings, file)
                .put("rounds", settings.rounds())
                .put("baseline", lines.getFirst().median.subject())
                .put("results", lines.stream().map(this::json).toList());
    }

    private JsonObject json(Line line) {
        return line.median
                .put(new JsonObject().put("engine", line.median.subject()))
                .put("iopsMin", line.iopsMin)
                .put("iopsMax", line.iopsMax)
                .put("iopsRatio", iopsRatio(line))
                .put("cpuRatio", cpuRatio(line));
    }

    private String row(Line line) {
        IoResult median = line.median;
        return String.format(
                Locale.ROOT,
                ROW,
                median.subject(),
                Units.rate(median.iops()),
                Units.rate(line.iopsMin) + ".." + Units.rate(line.iopsMax),
                Units.nanos(median.latency().nanosAt(50)),
                Units.nanos(median.latency().nanosAt(99)),
                Double.isNaN(median.cpuNanosPerIo())
                        ? "-"
                        : Units.nanos((long) median.cpuNanosPerIo()),
                ratio(iopsRatio(line)),
                ratio(cpuRatio(line)));
    }

    private double iopsRatio(Line line) {
        return line.median.iops() / lines.getFirst().median.iops();
    }

    private double cpuRatio(Line line) {
        return line.median.cpuNanosPerIo() / lines.getFirst().median.cpuNanosPerIo();
    }

    private static String ratio(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "-";
    }

    private static Line line(List<IoResult> rounds) {
        IoResult median =
                new IoResult(
                        rounds.getFirst().subject(),
                        median(rounds, IoResult::iops),
                        median(rounds, IoResult::bytesPerSecond),
                        IoLatency.of(
                                percent -> (long) median(rounds, r -> r.latency().nanosAt(percent)),
                                (long) median(rounds, r -> r.latency().maxNanos())),
                        median(rounds, IoResult::cpuNanosPerIo),
                        rounds.stream().mapToLong(IoResult::errors).sum(),
                        null);
        return new Line(
                median,
                rounds.stream().mapToDouble(IoResult::iops).min().orElse(0),
                rounds.stream().mapToDouble(IoResult::iops).max().orElse(0));
    }

    /** The middle one; of an even number the mean of the two in the middle. */
    static double median(List<IoResult> rounds, ToDoubleFunction<IoResult> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
