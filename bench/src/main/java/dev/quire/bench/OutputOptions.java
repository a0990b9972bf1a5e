package dev.quire.bench;

import dev.quire.bench.console.Console;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a command tells what it did, and how. */
final class OutputOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(names = "--json", description = "print a JSON object as the last line")
    private boolean json;

    OutputOptions() {}

    boolean json() {
        return json;
    }

    Console console() {
        return new Console(
                command.commandLine().getOut(),
                command.commandLine().getErr(),
                Integer.getInteger(Quire.COLUMNS_PROPERTY, 0));
    }
}
