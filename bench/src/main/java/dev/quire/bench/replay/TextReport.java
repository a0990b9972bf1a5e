package dev.quire.bench.replay;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;
import dev.quire.bench.reference.ReferencePolicy;
import dev.quire.bench.trace.Trace;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Results as lines for people, and as an object for programs. */
final class TextReport {
    private static final int COLUMN_MIN = 8;

    private final ReplayTable table;
    private final int threads;

    TextReport(ReplayTable table, int threads) {
        this.table = table;
        this.threads = threads;
    }

    /** The lines for people. */
    String table() {
        List<String> lines = new ArrayList<>();
        for (List<ReplayTable.Row> rows : table.traces().values()) {
            lines.add(headline(rows.getFirst().of(table.policies().getFirst()).trace(), threads));
            lines.add(line("frames", policy -> policy));
            for (ReplayTable.Row row : rows) {
                lines.add(
                        line(
                                Integer.toString(row.frames()),
                                policy -> percent(row.of(policy).hitRatio())));
            }
            lines.add("");
        }
        lines.addAll(summary(table));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return String.join(System.lineSeparator(), lines);
    }

    /** The object for programs. */
    JsonObject json() {
        return new JsonObject()
                .put("threads", threads)
                .put("results", table.results().stream().map(ReplayResult::json).toList());
    }

    /** Which trace it is, and what. */
    static String headline(Trace trace, int threads) {
        return trace.name() + ": " + describe(trace, threads);
    }

    /** What a trace is, and how it is replayed. */
    static String describe(Trace trace, int threads) {
        return String.format(
                Locale.ROOT,
                "%s accesses to %s pages, best possible hit ratio %s%s",
                Units.count(trace.accesses()),
                Units.count(trace.pageCount()),
                percent(1 - (double) trace.pageCount() / trace.accesses()),
                threads == 1 ? "" : ", " + threads + " threads");
    }

    /** How the policies compare over all rows; nothing without policies to compare with. */
    static List<String> summary(ReplayTable table) {
        List<String> lines = new ArrayList<>();
        String caffeine = ReferencePolicy.CAFFEINE.toString();
        String lru = ReferencePolicy.STRICT_LRU.toString();
        if (table.policies().contains(caffeine)) {
            lines.add(
                    summary(
                            table,
                            "misses over those of " + caffeine + ", geometric mean",
                            policy -> number(table.missRatio(policy, caffeine))));
        }
        if (table.policies().contains(lru)) {
            lines.add(
                    summary(
                            table,
                            "fewer misses than " + lru + ", mean",
                            policy -> percent(table.missReduction(policy, lru))));
        }
        return lines;
    }

    /** A hit ratio as it is printed. */
    static String percent(@Nullable Double ratio) {
        return ratio == null ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * ratio);
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }

    private static String summary(ReplayTable table, String what, UnaryOperator<String> figure) {
        return table.policies().stream()
                .map(policy -> policy + " " + figure.apply(policy))
                .collect(
                        Collectors.joining(
                                ", ", what + " of " + table.rows().size() + " cells: ", ""));
    }

    private String line(String first, UnaryOperator<String> column) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%9s", first));
        for (String policy : table.policies()) {
            int width = Math.max(COLUMN_MIN, policy.length()) + 2;
            line.append(String.format(Locale.ROOT, "%" + width + "s", column.apply(policy)));
        }
        return line.toString();
    }
}
