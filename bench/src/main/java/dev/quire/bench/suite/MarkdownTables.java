package dev.quire.bench.suite;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as they are recorded for people. */
final class MarkdownTables {
    private final SuiteResults results;

    MarkdownTables(SuiteResults results) {
        this.results = results;
    }

    /** The whole text. */
    String text() {
        StringBuilder text = new StringBuilder("# Quire beside its peers\n\n");
        text.append(results.date()).append(". ").append(results.machine()).append(". ");
        text.append(
                String.format(
                        Locale.ROOT,
                        "Load before the run: %.2f a processor. %s.%n%n",
                        results.load(),
                        results.pace()));
        text.append("```sh\n").append(results.command()).append("\n```\n\n");
        text.append(
                "Error: half of the 99.9 % confidence interval. Ratio: how many times Quire's"
                    + " figure, ~ if the intervals overlap. Times are those of each thread.\n\n");
        text.append("JVM options, of all and of single subjects beside those:\n\n");
        results.flags()
                .forEach(
                        (subject, flags) ->
                                text.append("- ")
                                        .append(subject)
                                        .append(": `")
                                        .append(flags)
                                        .append("`\n"));
        for (Group group : Group.values()) {
            append(text, group);
        }
        if (!results.leftOut().isEmpty()) {
            text.append("\n## Left out\n\n");
            results.leftOut().forEach(why -> text.append("- ").append(why).append('\n'));
        }
        return text.toString();
    }

    private void append(StringBuilder text, Group group) {
        if (group == Group.EVICTION) {
            appendMatrix(text, group);
        } else {
            appendList(text, group);
        }
    }

    private void appendMatrix(StringBuilder text, Group group) {
        Matrix matrix = Matrix.of(results, group);
        if (matrix.rows().isEmpty()) {
            return;
        }
        text.append("\n## ").append(group).append("\n\n");
        text.append(group.title()).append("; higher is better.\n\n");
        appendCases(text, group, Measurement.HIT_RATIO);
        text.append(row("trace@size", matrix.subjects()));
        text.append("|---|").append("--:|".repeat(matrix.subjects().size())).append('\n');
        matrix.rows().forEach(row -> text.append(row(row.scenario(), row.cells())));
    }

    private static String row(String first, List<String> others) {
        return "| " + first + " | " + String.join(" | ", others) + " |\n";
    }

    private void appendList(StringBuilder text, Group group) {
        String unit = "";
        for (Map.Entry<SuiteResults.Row, List<Measurement>> row : results.rows(group).entrySet()) {
            List<Measurement> figures = row.getValue();
            if (!figures.getFirst().unit().equals(unit)) {
                unit = figures.getFirst().unit();
                text.append("\n## ").append(group).append("\n\n");
                text.append(group.title()).append("; ").append(unit).append(", ");
                text.append(Measurement.lowerIsBetter(unit) ? "lower" : "higher");
                text.append(" is better.\n\n");
                appendCases(text, group, unit);
                text.append("| case | threads | subject | value | error | ratio | B/op |\n");
                text.append("|---|--:|---|--:|--:|--:|--:|\n");
            }
            for (Measurement each : figures) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "| %s | %d | %s | %s | %s | %s | %s |%n",
                                each.scenario(),
                                each.threads(),
                                each.subject(),
                                Figures.value(each),
                                Figures.error(each),
                                Figures.ratio(each, figures),
                                Figures.bytesPerOp(each)));
            }
        }
        Latencies latencies = new Latencies(results, group);
        if (!latencies.isEmpty()) {
            text.append("\nTimes of single operations:\n\n| ");
            text.append(String.join(" | ", Latencies.columns()));
            text.append(" |\n|---|--:|---|--:|--:|--:|--:|\n");
            latencies.rows().forEach(row -> text.append(row(row.getFirst(), others(row))));
        }
    }

    private static List<String> others(List<String> row) {
        return row.subList(1, row.size());
    }

    private void appendCases(StringBuilder text, Group group, String unit) {
        results.results().stream()
                .filter(each -> each.group().equals(group.toString()) && each.unit().equals(unit))
                .map(each -> each.scenario().replaceFirst("@.*", ""))
                .distinct()
                .filter(scenario -> !Catalogue.describe(group.toString(), scenario).isEmpty())
                .forEach(
                        scenario ->
                                text.append("- `")
                                        .append(scenario)
                                        .append("`: ")
                                        .append(Catalogue.describe(group.toString(), scenario))
                                        .append('\n'));
        text.append('\n');
    }
}
