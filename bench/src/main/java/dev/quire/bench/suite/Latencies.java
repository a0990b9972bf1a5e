package dev.quire.bench.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/** How long single operations of a group took, where each was timed, as a table. */
final class Latencies {
    /** More of them are in the JSON, and in the curves. */
    private static final List<String> PERCENTILES = List.of("50", "99", "99.9", "100");

    private static final List<String> COLUMNS =
            List.of("case", "threads", "subject", "p50", "p99", "p99.9", "longest");

    private final List<Measurement> timed;

    Latencies(SuiteResults results, Group group) {
        timed =
                results.rows(group).values().stream()
                        .flatMap(List::stream)
                        .filter(each -> each.latencyNanos() != null)
                        .toList();
    }

    boolean isEmpty() {
        return timed.isEmpty();
    }

    static List<String> columns() {
        return COLUMNS;
    }

    /** A row of cells for each figure. */
    List<List<String>> rows() {
        return timed.stream().map(Latencies::row).toList();
    }

    private static List<String> row(Measurement of) {
        List<String> cells =
                new ArrayList<>(
                        List.of(of.scenario(), Integer.toString(of.threads()), of.subject()));
        SequencedMap<String, Double> latency = of.latencyNanos();
        for (String percentile : PERCENTILES) {
            Double nanos = latency == null ? null : latency.get(percentile);
            cells.add(nanos == null ? "-" : Figures.withUnit(Measurement.NANOS).apply(nanos));
        }
        return cells;
    }
}
