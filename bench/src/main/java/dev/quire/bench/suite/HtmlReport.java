package dev.quire.bench.suite;

import dev.quire.bench.report.Chart;
import dev.quire.bench.report.Page;
import dev.quire.bench.report.Table;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as one page. */
final class HtmlReport {
    private final SuiteResults results;
    private final Pictures pictures;

    HtmlReport(SuiteResults results) {
        this.results = results;
        pictures = new Pictures(results);
    }

    /** The page. */
    String html() {
        List<Group> groups = results.groups();
        Page page = new Page("Quire beside its peers", pictures.palette(groups.getFirst()));
        page.text(
                "Everything here was measured in one run, each subject in JVMs of its own. Errors"
                        + " are half of the 99.9 % confidence interval. Times are those of each"
                        + " thread.");
        page.made(
                results.command(),
                String.format(
                        Locale.ROOT,
                        "%s. %s. %s. Load before the run: %.2f a processor.",
                        results.date(),
                        results.machine(),
                        results.pace(),
                        results.load()));
        for (Group group : groups) {
            page.palette(pictures.palette(group)).section(group + ": " + group.title());
            List<Chart> charts = pictures.of(group).stream().map(Picture::chart).toList();
            // Bars name their subjects; lines share a legend of their own.
            page.charts(charts.stream().filter(chart -> chart.legend().isEmpty()).toList());
            page.charts(charts.stream().filter(chart -> !chart.legend().isEmpty()).toList());
            page.table(group == Group.EVICTION ? matrix(group) : table(group));
            Latencies latencies = new Latencies(results, group);
            if (!latencies.isEmpty()) {
                Table table = new Table("Times of single operations", Latencies.columns());
                latencies.rows().forEach(table::row);
                page.table(table);
            }
        }
        page.section("Flags of the JVMs")
                .text("Those of single subjects come beside those of all.");
        results.flags().forEach((subject, flags) -> page.text(subject + ": " + flags));
        if (!results.leftOut().isEmpty()) {
            page.section("Left out");
            results.leftOut().forEach(page::text);
        }
        return page.html();
    }

    private Table matrix(Group group) {
        Matrix matrix = Matrix.of(results, group);
        List<String> columns = new ArrayList<>(List.of("trace@size"));
        columns.addAll(matrix.subjects());
        Table table = new Table("All figures of " + group, columns);
        for (Matrix.Row row : matrix.rows()) {
            List<String> cells = new ArrayList<>(List.of(row.scenario()));
            cells.addAll(row.cells());
            table.row(cells);
        }
        return table;
    }

    private Table table(Group group) {
        Table table =
                new Table(
                        "All figures of " + group,
                        List.of(
                                "case", "threads", "subject", "value", "unit", "error", "ratio",
                                "B/op"));
        results.rows(group)
                .forEach(
                        (row, figures) -> {
                            table.group();
                            for (Measurement figure : figures) {
                                table.row(
                                        List.of(
                                                row.scenario(),
                                                Integer.toString(row.threads()),
                                                figure.subject(),
                                                Figures.value(figure),
                                                figure.unit(),
                                                Figures.error(figure),
                                                Figures.ratio(figure, figures),
                                                Figures.bytesPerOp(figure)));
                            }
                        });
        return table;
    }
}
