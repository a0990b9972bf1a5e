package dev.quire.bench.replay;

import dev.quire.bench.report.Axis;
import dev.quire.bench.report.LineChart;
import dev.quire.bench.report.Page;
import dev.quire.bench.report.Palette;
import dev.quire.bench.report.Point;
import dev.quire.bench.report.Series;
import dev.quire.bench.report.Table;
import dev.quire.bench.trace.Trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as a page: a chart a trace, and all figures. */
final class HtmlReport {
    private final ReplayTable table;
    private final ReplayOptions options;

    HtmlReport(ReplayTable table, ReplayOptions options) {
        this.table = table;
        this.options = options;
    }

    /** The page, made by a command. */
    String page(String command) {
        List<String> own =
                table.policies().stream().filter(policy -> !table.isReference(policy)).toList();
        Page page = new Page("Hit ratio over cache size", Palette.of(own, table.policies()));
        page.text(
                "Traces replayed through Quire's page cache, "
                        + (options.threads() == 1 ? "one thread" : options.threads() + " threads")
                        + ", which replaces by "
                        + String.join(", ", own)
                        + (options.compare() ? "; the other policies are simulations" : "")
                        + ". Frames are all that the cache may hold, its free reserve included.");
        page.made(command);
        TextReport.summary(table).forEach(page::text);
        List<LineChart> charts = new ArrayList<>();
        table.traces().forEach((trace, rows) -> charts.add(chart(trace, rows)));
        return page.charts(charts).table(figures()).html();
    }

    private LineChart chart(String trace, List<ReplayTable.Row> rows) {
        Trace replayed = rows.getFirst().of(table.policies().getFirst()).trace();
        return new LineChart(
                trace,
                TextReport.describe(replayed, options.threads()),
                Axis.counts("frames, log scale"),
                Axis.ratio("hit ratio"),
                table.policies().stream().map(policy -> series(policy, rows)).toList());
    }

    private static Series series(String policy, List<ReplayTable.Row> rows) {
        return new Series(
                policy,
                rows.stream()
                        .map(row -> new Point(row.frames(), row.of(policy).hitRatio()))
                        .toList());
    }

    private Table figures() {
        List<String> columns = new ArrayList<>(List.of("trace", "frames"));
        columns.addAll(table.policies());
        Table figures = new Table("Hit ratios in percent", columns);
        table.traces()
                .forEach(
                        (trace, rows) -> {
                            figures.group();
                            rows.forEach(row -> figures.row(cells(trace, row)));
                        });
        return figures;
    }

    private List<String> cells(String trace, ReplayTable.Row row) {
        List<String> cells = new ArrayList<>(List.of(trace, Integer.toString(row.frames())));
        for (String policy : table.policies()) {
            cells.add(String.format(Locale.ROOT, "%.2f", 100 * row.of(policy).hitRatio()));
        }
        return cells;
    }
}
