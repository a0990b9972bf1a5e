package dev.quire.bench.replay;

import dev.quire.bench.trace.Trace;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/** Results as one HTML page that needs nothing else: no network, no script. */
final class HtmlReport {
    /** Line styles: colors by day and by night, dashes for who sees no colors. */
    private static final String STYLE =
            """
            :root { color-scheme: light dark; --back: #fff; --ink: #1c1e21; --dim: #5b626b;
              --grid: #e2e5e9; --s0: #0059c8; --s1: #c4410c; --s2: #6b7280; --s3: #8a5a00;
              --s4: #0f7b3d; --s5: #9d2bb0; --s6: #00747f; --s7: #1c1e21; }
            @media (prefers-color-scheme: dark) { :root { --back: #14171a; --ink: #e7e9ec;
              --dim: #a2a9b3; --grid: #30363d; --s0: #6cb0ff; --s1: #ff9460; --s2: #9aa3ae;
              --s3: #e0b04a; --s4: #5fd08a; --s5: #e08cf0; --s6: #4fd0dc; --s7: #e7e9ec; } }
            body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--back);
              color: var(--ink); font: 1rem/1.45 system-ui, sans-serif; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 0 0 .3rem; }
            p, li, caption { color: var(--dim); }
            code { color: var(--ink); overflow-wrap: anywhere; }
            .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0;
              list-style: none; }
            .legend svg { width: 2.2rem; height: .8rem; vertical-align: middle; }
            .charts { display: grid; gap: 1.5rem;
              grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
            .charts p { margin: 0 0 .4rem; font-size: .85rem; }
            .charts svg { width: 100%; height: auto; }
            text { fill: var(--dim); font: 11px system-ui, sans-serif; }
            .grid { stroke: var(--grid); }
            polyline { fill: none; }
            circle { stroke: none; }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            caption { text-align: left; padding-bottom: .4rem; }
            th, td { padding: .15rem .6rem; text-align: right; white-space: nowrap; }
            th:first-child { text-align: left; }
            thead th { border-bottom: 1px solid var(--dim); }
            tbody tr:first-child > * { border-top: 1px solid var(--grid); }
            """;

    private static final String[] DASHES = {
        "none", "6 2", "2 3", "8 3 2 3", "4 2", "10 3", "1 2", "none"
    };

    private final ReplayTable table;
    private final ReplayOptions options;

    HtmlReport(ReplayTable table, ReplayOptions options) {
        this.table = table;
        this.options = options;
    }

    /** The page. */
    String page() {
        StringBuilder page = new StringBuilder();
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.append("<title>Quire: hit ratios</title>\n<style>\n").append(STYLE);
        appendSeriesStyle(page);
        page.append("</style>\n</head>\n<body>\n<h1>Hit ratio over cache size</h1>\n");
        appendCircumstances(page);
        appendLegend(page);
        page.append("<div class=\"charts\">\n");
        table.traces().forEach((trace, rows) -> appendChart(page, trace, rows));
        page.append("</div>\n");
        appendTable(page);
        return page.append("</body>\n</html>\n").toString();
    }

    private void appendSeriesStyle(StringBuilder page) {
        for (int policy = 0; policy < table.policies().size(); policy++) {
            int series = policy % DASHES.length;
            page.append(
                    String.format(
                            Locale.ROOT,
                            "polyline.s%1$d { stroke: var(--s%2$d); stroke-width: %3$s;"
                                    + " stroke-dasharray: %4$s; } circle.s%1$d { fill:"
                                    + " var(--s%2$d); }%n",
                            policy,
                            series,
                            table.isReference(table.policies().get(policy)) ? "1.4" : "2.4",
                            DASHES[series]));
        }
    }

    private void appendCircumstances(StringBuilder page) {
        paragraph(
                page,
                "Traces replayed through Quire's page cache, "
                        + (options.threads() == 1 ? "one thread" : options.threads() + " threads")
                        + (options.compare() ? ", beside simulations of other policies" : "")
                        + ". Frames are all that the cache may hold, its free reserve included.");
        page.append("<p><code>").append(Html.escape(options.command())).append("</code></p>\n");
        paragraph(page, LocalDate.now(ZoneId.systemDefault()) + ". " + Machine.describe());
        for (String line : TextReport.summary(table)) {
            paragraph(page, line);
        }
    }

    private static void paragraph(StringBuilder page, String text) {
        page.append("<p>").append(Html.escape(text)).append("</p>\n");
    }

    private void appendLegend(StringBuilder page) {
        page.append("<ul class=\"legend\">\n");
        for (int policy = 0; policy < table.policies().size(); policy++) {
            String name = table.policies().get(policy);
            page.append(
                    String.format(
                            Locale.ROOT,
                            "<li><svg viewBox=\"0 0 36 12\" aria-hidden=\"true\"><polyline"
                                + " class=\"s%1$d\" points=\"0,6 36,6\"/><circle class=\"s%1$d\""
                                + " cx=\"18\" cy=\"6\" r=\"3\"/></svg> %2$s%3$s</li>%n",
                            policy,
                            Html.escape(name),
                            table.isReference(name) ? "" : " (page cache)"));
        }
        page.append("</ul>\n");
    }

    private void appendChart(StringBuilder page, String trace, List<ReplayTable.Row> rows) {
        Trace replayed = rows.getFirst().of(table.policies().getFirst()).trace();
        page.append("<section>\n<h2>").append(Html.escape(trace)).append("</h2>\n");
        paragraph(page, TextReport.describe(replayed, options.threads()));
        page.append(new HitRatioChart(trace, rows, table.policies()).svg());
        page.append("</section>\n");
    }

    private void appendTable(StringBuilder page) {
        page.append("<div class=\"wide\">\n<table>\n<caption>Hit ratios in percent</caption>\n");
        page.append("<thead><tr><th scope=\"col\">trace</th><th scope=\"col\">frames</th>");
        for (String policy : table.policies()) {
            page.append("<th scope=\"col\">").append(Html.escape(policy)).append("</th>");
        }
        page.append("</tr></thead>\n");
        table.traces().forEach((trace, rows) -> appendRows(page, trace, rows));
        page.append("</table>\n</div>\n");
    }

    private void appendRows(StringBuilder page, String trace, List<ReplayTable.Row> rows) {
        page.append("<tbody>\n");
        for (ReplayTable.Row row : rows) {
            page.append("<tr><th scope=\"row\">").append(Html.escape(trace));
            page.append("</th><td>").append(row.frames()).append("</td>");
            for (String policy : table.policies()) {
                page.append(
                        String.format(
                                Locale.ROOT, "<td>%.2f</td>", 100 * row.of(policy).hitRatio()));
            }
            page.append("</tr>\n");
        }
        page.append("</tbody>\n");
    }
}
