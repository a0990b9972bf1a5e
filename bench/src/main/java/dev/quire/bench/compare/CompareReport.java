package dev.quire.bench.compare;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** What came of a comparison, in lines for people and as an object for programs. */
final class CompareReport {
    /** The columns after the subject, each with its width. */
    private static final List<String> COLUMNS =
            List.of(
                    "requests/s",
                    "slowest",
                    "p50",
                    "p99",
                    "p99.9",
                    "w p99.9",
                    "CPU/req",
                    "read/req",
                    "read",
                    "written",
                    "sync",
                    "pages");

    private static final int WIDTH = 10;

    private final CompareOptions options;
    private final SequencedMap<Subject, Result> results;

    CompareReport(CompareOptions options, SequencedMap<Subject, Result> results) {
        this.options = options;
        this.results = results;
    }

    /** Of those whose turn came to its end. */
    List<Outcome> outcomes() {
        List<Outcome> outcomes = new ArrayList<>();
        for (Result result : results.values()) {
            if (result instanceof Result.Done(Outcome outcome)) {
                outcomes.add(outcome);
            }
        }
        return outcomes;
    }

    /** Why others have none, a line each. */
    List<String> others() {
        List<String> lines = new ArrayList<>();
        results.forEach(
                (subject, result) -> {
                    switch (result) {
                        case Result.Done _ -> {}
                        case Result.Skipped(String reason) ->
                                lines.add(subject + " skipped: " + reason);
                        case Result.Failed(String reason) ->
                                lines.add(subject + " failed: " + reason);
                    }
                });
        return lines;
    }

    /** What everybody did. */
    List<String> headlines() {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%s in pages of %s, %s of memory for pages, %d threads, seed %d",
                        Units.bytes(options.bytes()),
                        Units.bytes(options.pageBytes()),
                        Units.bytes(options.memoryBytes()),
                        options.threads(),
                        options.seed()));
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d %% writes, %d %% scans of %d pages, %d %% uniform and %d %% zipf point"
                                + " reads; %s s after %s s of warming up",
                        options.writePercent(),
                        options.scanPercent(),
                        LoadSettings.SCAN_PAGES,
                        options.uniformPercent(),
                        100
                                - options.writePercent()
                                - options.scanPercent()
                                - options.uniformPercent(),
                        options.seconds(),
                        options.warmSeconds()));
        ReadAhead.bytes(options.tempDir())
                .ifPresent(
                        bytes ->
                                lines.add(
                                        "The kernel reads up to "
                                                + Units.bytes(bytes)
                                                + " ahead on this device (read_ahead_kb)"));
        return lines;
    }

    /** What the columns are. */
    static List<String> columns() {
        return COLUMNS;
    }

    /** The lines for people. */
    String table() {
        List<String> lines = new ArrayList<>(headlines());
        lines.add(line("", COLUMNS));
        outcomes().forEach(outcome -> lines.add(line(outcome.subject(), cells(outcome))));
        lines.addAll(others());
        return String.join(System.lineSeparator(), lines);
    }

    /** The figures of a subject, by column. */
    static List<String> cells(Outcome outcome) {
        return List.of(
                Units.rate(outcome.requestsPerSecond()),
                Units.percent(outcome.slowestInterval()),
                Units.nanos(outcome.reads().p50Nanos()),
                Units.nanos(outcome.reads().p99Nanos()),
                Units.nanos(outcome.reads().p999Nanos()),
                Units.nanos(outcome.writes().p999Nanos()),
                Units.nanos((long) outcome.cpuNanosPerRequest()),
                Units.bytes((long) outcome.bytesReadPerRequest()),
                Units.bytes(outcome.bytesRead()),
                Units.bytes(outcome.bytesWritten()),
                Units.nanos(Math.round(outcome.syncSeconds() * 1e9)),
                Units.bytes(outcome.pageMemoryBytes()));
    }

    /** The object for programs. */
    JsonObject json() {
        List<JsonObject> skipped = new ArrayList<>();
        List<JsonObject> failed = new ArrayList<>();
        results.forEach(
                (subject, result) -> {
                    switch (result) {
                        case Result.Done _ -> {}
                        case Result.Skipped(String reason) -> skipped.add(reason(subject, reason));
                        case Result.Failed(String reason) -> failed.add(reason(subject, reason));
                    }
                });
        return new JsonObject()
                .put("fileBytes", options.bytes())
                .put("memoryBytes", options.memoryBytes())
                .put("pageBytes", options.pageBytes())
                .put("threads", options.threads())
                .put("writePercent", options.writePercent())
                .put("scanPercent", options.scanPercent())
                .put("uniformPercent", options.uniformPercent())
                .put("warmSeconds", options.warmSeconds())
                .put("seconds", options.seconds())
                .put("seed", options.seed())
                .put("results", outcomes().stream().map(Outcome::json).toList())
                .put("skipped", skipped)
                .put("failed", failed);
    }

    private static JsonObject reason(Subject subject, String reason) {
        return new JsonObject().put("subject", subject.toString()).put("reason", reason);
    }

    private static String line(String subject, List<String> cells) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-12s", subject));
        cells.forEach(cell -> line.append(String.format(Locale.ROOT, "%" + WIDTH + "s", cell)));
        return line.toString();
    }
}
