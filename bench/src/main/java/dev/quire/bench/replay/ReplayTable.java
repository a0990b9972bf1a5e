package dev.quire.bench.replay;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Results in order: traces and policies as they came, frames by size. */
final class ReplayTable {
    /**
     * The replays of one trace through a cache of one size.
     *
     * @param frames how many pages it could hold
     * @param byPolicy a result for each policy
     */
    record Row(int frames, Map<String, ReplayResult> byPolicy) {
        ReplayResult of(String policy) {
            ReplayResult result = byPolicy.get(policy);
            if (result == null) {
                throw new IllegalStateException("no result: policy=" + policy + ", row=" + this);
            }
            return result;
        }
    }

    private final List<ReplayResult> results;
    private final List<String> policies;
    private final SequencedMap<String, List<Row>> traces = new LinkedHashMap<>();

    /**
     * A table.
     *
     * @param results each policy once for each trace and number of frames
     */
    ReplayTable(List<ReplayResult> results) {
        this.results = List.copyOf(results);
        policies = results.stream().map(ReplayResult::policy).distinct().toList();
        Map<String, NavigableMap<Integer, Map<String, ReplayResult>>> cells = new LinkedHashMap<>();
        for (ReplayResult result : results) {
            cells.computeIfAbsent(result.trace().name(), _ -> new TreeMap<>())
                    .computeIfAbsent(result.frames(), _ -> new LinkedHashMap<>())
                    .put(result.policy(), result);
        }
        cells.forEach(
                (trace, rows) ->
                        traces.put(
                                trace,
                                rows.entrySet().stream()
                                        .map(row -> new Row(row.getKey(), row.getValue()))
                                        .toList()));
    }

    /** Every result, in the order in which they came. */
    List<ReplayResult> results() {
        return results;
    }

    List<String> policies() {
        return policies;
    }

    /** Whether a policy was simulated beside the page cache. */
    boolean isReference(String policy) {
        return results.stream().anyMatch(r -> r.policy().equals(policy) && r.reference());
    }

    /** The rows of each trace, by the trace's name. */
    SequencedMap<String, List<Row>> traces() {
        return traces;
    }

    /** All rows. */
    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        traces.values().forEach(rows::addAll);
        return rows;
    }

    /**
     * How much a policy misses against another one over all rows.
     *
     * @return the geometric mean of the ratios of their misses; null when one is not there
     */
    @Nullable Double missRatio(String policy, String base) {
        if (!policies.contains(policy) || !policies.contains(base)) {
            return null;
        }
        double logs = 0;
        for (Row row : rows()) {
            logs += Math.log((double) row.of(policy).misses() / row.of(base).misses());
        }
        return Math.exp(logs / rows().size());
    }

    /**
     * How many misses of another policy a policy saves, on the mean of all rows.
     *
     * @return 0.1 for a tenth; null when one is not there
     */
    @Nullable Double missReduction(String policy, String base) {
        if (!policies.contains(policy) || !policies.contains(base)) {
            return null;
        }
        return rows().stream()
                .mapToDouble(row -> 1 - (double) row.of(policy).misses() / row.of(base).misses())
                .average()
                .orElseThrow();
    }
}
