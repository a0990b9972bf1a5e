package dev.quire.bench;

import dev.quire.bench.report.ReportFile;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Path;

/** Where a command writes an HTML page of what it found. */
final class ReportOption {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--report",
            paramLabel = "<file>",
            description = "write an HTML page with the results as pictures")
    private @Nullable Path path;

    ReportOption() {}

    /** The file that was asked for, or null. */
    @Nullable ReportFile file() {
        return path == null ? null : new ReportFile(path, TypedCommand.of(command));
    }
}
