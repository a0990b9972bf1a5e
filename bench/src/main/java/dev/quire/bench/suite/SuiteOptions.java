package dev.quire.bench.suite;

import dev.quire.bench.console.InputException;
import dev.quire.bench.report.ReportFile;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is measured, and where it is told.
 *
 * @param pace for how long
 * @param groups what is measured
 * @param subjects who is measured, by name; all when empty
 * @param traces of page accesses, for hit ratios; made up ones when empty
 * @param tempDir where temporary files are made
 * @param from results of an earlier run to be told again instead; or null
 * @param outputs what is written beside the console
 * @param json whether a JSON object closes the output
 * @param command as it was typed, for the reports
 */
public record SuiteOptions(
        Pace pace,
        Set<Group> groups,
        Set<String> subjects,
        List<Path> traces,
        Path tempDir,
        @Nullable Path from,
        Outputs outputs,
        boolean json,
        String command) {
    /**
     * Files that are written.
     *
     * @param report an HTML page, or null
     * @param svg a folder for the pictures of the page, made if it is not there; or null
     * @param markdown tables, or null
     * @param results the JSON object, or null
     */
    public record Outputs(
            @Nullable ReportFile report,
            @Nullable Path svg,
            @Nullable Path markdown,
            @Nullable Path results) {
        /**
         * Checks them, so that nothing is measured for a place where nothing can be written.
         *
         * @throws InputException naming the first one that cannot be
         */
        public Outputs {
            InputException.require(
                    svg == null || Files.isDirectory(svg) || !Files.exists(svg),
                    "must be a folder",
                    "--svg",
                    svg);
            requireWritable("--markdown", markdown);
            requireWritable("--results", results);
        }

        private static void requireWritable(String name, @Nullable Path file) {
            if (file != null) {
                Path folder = file.toAbsolutePath().getParent();
                InputException.require(
                        folder != null && Files.isDirectory(folder) && !Files.isDirectory(file),
                        "must be a file in an existing folder",
                        name,
                        file);
            }
        }
    }

    /**
     * Checks what can be checked before anything is measured.
     *
     * @throws InputException naming the first value that cannot be worked with
     */
    public SuiteOptions {
        groups = Set.copyOf(groups);
        subjects = Set.copyOf(subjects);
        traces = List.copyOf(traces);
        InputException.require(!groups.isEmpty(), "must name a group", "--only", "");
        InputException.require(
                Files.isDirectory(tempDir), "must be an existing folder", "--temp-dir", tempDir);
        InputException.require(
                traces.isEmpty() || groups.contains(Group.EVICTION),
                "needs the group eviction",
                "--trace",
                traces);
        if (from == null) {
            requireKnown(subjects, Catalogue.subjects(groups, pace.full()));
        }
    }

    /** A name that is not there would be left out without a word, after an hour perhaps. */
    private static void requireKnown(Set<String> subjects, Set<String> names) {
        for (String subject : new TreeSet<>(subjects)) {
            InputException.require(
                    names.contains(subject),
                    "must be one of " + String.join(", ", names),
                    "--subject",
                    subject);
        }
    }

    /** Whether a subject is measured. */
    boolean measures(String subject) {
        return subjects.isEmpty() || subjects.contains(subject);
    }
}
