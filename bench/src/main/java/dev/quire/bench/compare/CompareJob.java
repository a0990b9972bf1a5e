package dev.quire.bench.compare;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
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
    private final Turns turns;
    private final SequencedMap<Subject, Result> results = new LinkedHashMap<>();

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

    /** How a subject works on its file. */
    @FunctionalInterface
    interface Turns {
        /**
         * Runs one.
         *
         * @param settings what it does
         * @param group that holds it to its budget; null for none
         * @throws IOException when it breaks off; the message says why
         */
        Outcome run(LoadSettings settings, @Nullable ControlGroup group) throws IOException;
    }

    /**
     * A comparison that has not started.
     *
     * @param options what is compared
     * @param console where to tell about it
     */
    public CompareJob(CompareOptions options, Console console) {
        this(
                options,
                console,
                ControlGroup::make,
                (settings, group) -> new ComparedProcess(settings, group).run());
    }

    CompareJob(CompareOptions options, Console console, Groups groups, Turns turns) {
        this.options = options;
        this.console = console;
        this.groups = groups;
        this.turns = turns;
    }

    /**
     * Gives each subject its turn, and reports. One that fails is reported as well: that memory is
     * too short for one of them must not cost the others their results.
     *
     * @return whether none of them failed
     * @throws InputException when the first of them cannot be given its file
     * @throws IOException when the report cannot be written
     */
    public boolean run() throws IOException {
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
        return results.values().stream().noneMatch(Result.Failed.class::isInstance);
    }

    private Result turn(Subject subject) {
        try {
            return subject.isKernels()
                    ? turnInGroup(subject)
                    : new Result.Done(play(subject, null));
        } catch (InputException e) {
            // Before anything came out it is the user's to mend; later it must not hide the rest.
            if (results.values().stream().allMatch(Result.Skipped.class::isInstance)) {
                throw e;
            }
            return failed(subject, e);
        } catch (IOException e) {
            return failed(subject, e);
        }
    }

    private Result turnInGroup(Subject subject) throws IOException {
        ControlGroup group;
        try {
            group = groups.make();
        } catch (IOException e) {
            String reason = Failures.describe(e);
            console.note(subject + " is skipped: " + reason);
            return new Result.Skipped(reason);
        }
        try (group) {
            return new Result.Done(play(subject, group));
        }
    }

    private Result failed(Subject subject, Exception e) {
        String reason = Failures.describe(e);
        console.note(subject + " failed: " + reason);
        return new Result.Failed(reason);
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
            return turns.run(options.settings(subject, file.path()), group);
        }
    }
}
