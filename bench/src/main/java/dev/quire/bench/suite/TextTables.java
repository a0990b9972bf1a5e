package dev.quire.bench.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results for a terminal. */
final class TextTables {
    private final SuiteResults results;

    TextTables(SuiteResults results) {
        this.results = results;
    }

    /** The table of a group; nothing when it has no figures. */
    String table(Group group) {
        return group == Group.EVICTION ? matrix(group) : list(group);
    }

    private String matrix(Group group) {
        Matrix matrix = Matrix.of(results, group);
        if (matrix.rows().isEmpty()) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        lines.add(group + ": " + group.title() + " (higher is better)");
        lines.add(cells("trace@size", matrix.subjects()));
        matrix.rows().forEach(row -> lines.add(cells(row.scenario(), row.cells())));
        return String.join(System.lineSeparator(), lines);
    }

    private static String cells(String first, List<String> others) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-20s", first));
        others.forEach(cell -> line.append(String.format(Locale.ROOT, "%9s", cell)));
        return line.toString();
    }

    private String list(Group group) {
        List<String> lines = new ArrayList<>();
        String unit = "";
        for (Map.Entry<SuiteResults.Row, List<Measurement>> row : results.rows(group).entrySet()) {
            List<Measurement> figures = row.getValue();
            if (!figures.getFirst().unit().equals(unit)) {
                unit = figures.getFirst().unit();
                lines.add(group + ": " + group.title());
                lines.add(header(unit));
            }
            String scenario = row.getKey().scenario();
            String threads = Integer.toString(row.getKey().threads());
            for (Measurement each : figures) {
                lines.add(
                        line(
                                scenario,
                                threads,
                                each.subject(),
                                Figures.value(each),
                                Figures.error(each),
                                Figures.ratio(each, figures),
                                Figures.bytesPerOp(each)));
                scenario = "";
                threads = "";
            }
        }
        Latencies latencies = new Latencies(results, group);
        if (!latencies.isEmpty()) {
            lines.add(group + ": times of single operations");
            lines.add(latency(Latencies.columns()));
            latencies.rows().forEach(row -> lines.add(latency(row)));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String header(String unit) {
        return line(
                "case",
                "threads",
                Measurement.lowerIsBetter(unit) ? "(lower is better)" : "(higher is better)",
                unit,
                "+-",
                "x quire",
                "B/op");
    }

    private static String line(Object... columns) {
        return String.format(Locale.ROOT, "%-20s%8s  %-20s%10s%10s%9s%8s", columns).stripTrailing();
    }

    private static String latency(List<String> cells) {
        return String.format(Locale.ROOT, "%-20s%8s  %-20s%10s%10s%10s%10s", cells.toArray())
                .stripTrailing();
    }

    /** What the columns mean. */
    static String legend() {
        return "+-: half of the 99.9 % confidence interval; x quire: how many times Quire's figure,"
                + " ~ if the intervals overlap; times are those of each thread";
    }
}
