package dev.quire.bench.compare;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Units;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/** All turns of one comparison, and their report. One thread. */
public final class CompareJob {
    private final CompareOptions options;
    private final Console console;
    private final Groups groups;
    private final SequencedMap<Subject, Result> results = new LinkedHashMap<>();

    /**
     * What came of a subject: either is null.
     *
     * @param outcome of its turn
     * @param skipped why it had none
     */
    record Result(@Nullable Outcome outcome, @Nullable String skipped) {}

    /** Where control groups come from. */
    @FunctionalInterface
    interface Groups {
        /**
         * Makes one.
         *
         * @throws IOException when this cannot be done here; the message says why
         */
        ControlGroup make() throws IOException;
    }

    /**
     * A comparison that has not started.
     *
     * @param options what is compared
     * @param console where to tell about it
     */
    public CompareJob(CompareOptions options, Console console) {
        this(options, console, ControlGroup::make);
    }

    CompareJob(CompareOptions options, Console console, Groups groups) {
        this.groups = groups;
        this.options = options;
        this.console = console;
    }

    /**
     * Gives each subject its turn, and reports.
     *
     * @throws IOException when one of them failed
     */
    public void run() throws IOException {
        for (Subject subject : options.subjects()) {
            results.put(subject, turn(subject));
        }
        CompareReport report = new CompareReport(options, results);
        console.result(report.table());
        if (options.report() != null) {
            String page = new ComparePage(report).html(options.report().command());
            options.report().write(page, console);
        }
        if (options.json()) {
            console.result(report.json().toString());
        }
    }

    private Result turn(Subject subject) throws IOException {
        if (!subject.isKernels()) {
            return new Result(play(subject, null), null);
        }
        ControlGroup group;
        try {
            group = groups.make();
        } catch (IOException e) {
            console.note(subject + " is skipped: " + e.getMessage());
            return new Result(null, e.getMessage());
        }
        try (group) {
            return new Result(play(subject, group), null);
        }
    }

    private Outcome play(Subject subject, @Nullable ControlGroup group) throws IOException {
        console.note(
                subject
                        + ": making a file of "
                        + Units.bytes(options.bytes())
                        + " in "
                        + options.tempDir()
                        + "...");
        try (ComparedFile file =
                ComparedFile.make(options.tempDir(), options.bytes(), options.pageBytes())) {
            console.note(
                    String.format(
                            Locale.ROOT,
                            "%s: running for %s s and %s s, seed %d...",
                            subject,
                            options.warmSeconds(),
                            options.seconds(),
                            options.seed()));
            return new ComparedProcess(options.settings(subject, file.path()), group).run();
        }
    }
}
