package dev.quire.bench.soak;

import dev.quire.bench.console.JsonObject;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the turns of a suite came to, all together. One thread. */
final class SuiteReport {
    static final String HEADING =
            String.format(
                    Locale.ROOT,
                    "%-10s %6s %14s %9s %11s  %s",
                    "suite",
                    "turns",
                    "operations",
                    "minutes",
                    "mismatches",
                    "seeds");

    private long turns;
    private long operations;
    private long nanos;
    private long mismatches;
    private long firstSeed;
    private long lastSeed;

    void add(Turn turn, Counts counts, long tookNanos) {
        firstSeed = turns == 0 ? turn.seed() : firstSeed;
        lastSeed = turn.seed();
        turns++;
        operations += counts.operations();
        nanos += tookNanos;
        mismatches += counts.mismatches().size();
    }

    long operations() {
        return operations;
    }

    long mismatches() {
        return mismatches;
    }

    String line(String name) {
        return String.format(
                Locale.ROOT,
                "%-10s %6d %14d %9.2f %11d  %d%s",
                name,
                turns,
                operations,
                nanos / (double) TimeUnit.MINUTES.toNanos(1),
                mismatches,
                firstSeed,
                turns > 1 ? " to " + lastSeed : "");
    }

    private JsonObject json() {
        return new JsonObject()
                .put("turns", turns)
                .put("operations", operations)
                .put("seconds", nanos / 1e9)
                .put("mismatches", mismatches)
                .put("firstSeed", firstSeed)
                .put("lastSeed", lastSeed);
    }

    static JsonObject json(
            SoakOptions options, Map<Suite.Kind, SuiteReport> reports, double seconds) {
        JsonObject suites = new JsonObject();
        reports.forEach((kind, report) -> suites.put(SoakJob.name(kind), report.json()));
        return new JsonObject()
                .put("ops", reports.values().stream().mapToLong(r -> r.operations).sum())
                .put("seed", options.seed())
                .put("threads", options.threads())
                .put("mismatches", reports.values().stream().mapToLong(r -> r.mismatches).sum())
                .put("seconds", seconds)
                .put("suites", suites);
    }
}
