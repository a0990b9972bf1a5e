package dev.quire.bench.replay;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.InputException;
import dev.quire.bench.reference.ReferencePolicy;
import dev.quire.bench.trace.Trace;
import dev.quire.bench.trace.TraceFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All replays of one command, from the traces to the reports. One thread. */
public final class ReplayJob {
    private final ReplayOptions options;
    private final Console console;

    /**
     * A job that has not started.
     *
     * @param options what to do
     * @param console where to tell about it
     */
    public ReplayJob(ReplayOptions options, Console console) {
        this.options = options;
        this.console = console;
    }

    /**
     * Replays everything, and reports.
     *
     * @throws InputException when a trace cannot be read, or the report cannot be written
     * @throws IOException when a replay failed
     */
    public void run() throws IOException {
        List<ReplayResult> results = new ArrayList<>();
        for (Trace trace : traces()) {
            replay(trace, results);
        }
        ReplayTable table = new ReplayTable(results);
        TextReport report = new TextReport(table, options.threads());
        console.result(report.table());
        if (options.report() != null) {
            options.report()
                    .write(
                            new HtmlReport(table, options).page(options.report().command()),
                            console);
        }
        if (options.json()) {
            console.result(report.json().toString());
        }
    }

    /** All of them are read first: a bad one shall not be found after an hour of replays. */
    private List<Trace> traces() {
        List<String> names = options.files().stream().map(TraceFile::nameOf).toList();
        List<Trace> traces = new ArrayList<>();
        for (Path file : options.files()) {
            Trace trace = TraceFile.read(file, options.format());
            boolean alone = names.stream().filter(trace.name()::equals).count() == 1;
            traces.add(alone ? trace : trace.named(file.toString()));
        }
        return traces;
    }

    private void replay(Trace trace, List<ReplayResult> results) throws IOException {
        int[] sizes =
                options.frames().stream()
                        .mapToInt(count -> count.frames(trace))
                        .sorted()
                        .distinct()
                        .toArray();
        console.note("replaying " + TextReport.headline(trace, options.threads()) + "...");
        for (int frames : sizes) {
            for (CachePolicy policy : options.policies()) {
                tell(trace, frames, policy);
                results.add(new CacheReplay(trace, policy, frames, options.threads()).run());
            }
            for (ReferencePolicy policy : references()) {
                tell(trace, frames, policy);
                results.add(ReplayResult.of(trace, policy, frames));
            }
        }
    }

    private ReferencePolicy[] references() {
        return options.compare() ? ReferencePolicy.values() : new ReferencePolicy[0];
    }

    /** Only where the line can be written over: else there would be a page of them. */
    private void tell(Trace trace, int frames, Enum<?> policy) {
        if (console.columns() > 0) {
            console.status(trace.name() + ", " + frames + " frames: " + policy);
        }
    }
}
