package dev.quire.bench.suite;

import java.util.List;

/**
 * Exact figures, of which there are many: a row a case, a column a subject.
 *
 * @param subjects of the columns
 * @param rows a case each
 */
record Matrix(List<String> subjects, List<Row> rows) {
    /**
     * One case.
     *
     * @param scenario its name
     * @param cells one a subject, for people
     */
    record Row(String scenario, List<String> cells) {}

    /** The figures of a group. */
    static Matrix of(SuiteResults results, Group group) {
        List<String> subjects =
                results.rows(group).values().stream()
                        .flatMap(List::stream)
                        .map(Measurement::subject)
                        .distinct()
                        .toList();
        List<Row> rows =
                results.rows(group).entrySet().stream()
                        .map(
                                row ->
                                        new Row(
                                                row.getKey().scenario(),
                                                subjects.stream()
                                                        .map(each -> cell(each, row.getValue()))
                                                        .toList()))
                        .toList();
        return new Matrix(subjects, rows);
    }

    private static String cell(String subject, List<Measurement> figures) {
        return figures.stream()
                .filter(each -> each.subject().equals(subject))
                .findFirst()
                .map(Figures::value)
                .orElse("-");
    }
}
