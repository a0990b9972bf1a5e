package dev.quire.bench;

import picocli.CommandLine.Model.CommandSpec;

import java.util.stream.Collectors;

/** A command as a shell would take it again. */
final class TypedCommand {
    private TypedCommand() {}

    static String of(CommandSpec spec) {
        return spec.root().commandLine().getParseResult().originalArgs().stream()
                .map(TypedCommand::quoted)
                .collect(Collectors.joining(" ", "./quire ", ""));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+")
                ? word
                : "'" + word.replace("'", "'\\''") + "'";
    }
}
