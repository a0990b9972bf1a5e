package dev.quire.bench;

import dev.quire.bench.console.InputException;
import dev.quire.bench.run.IoMode;

import picocli.CommandLine.Option;

/** Whether a command goes past the operating system's page cache. */
final class IoModeOptions {
    @Option(
            names = "--direct",
            description =
                    "past the operating system's page cache, or not at all (default: where it can"
                            + " be done)")
    private boolean direct;

    @Option(names = "--buffered", description = "through the operating system's page cache")
    private boolean buffered;

    IoModeOptions() {}

    /** What was asked for; an {@link InputException} when it was both. */
    IoMode mode() {
        if (direct && buffered) {
            throw new InputException(
                    "--direct and --buffered exclude each other: give one of them");
        }
        return direct ? IoMode.DIRECT : buffered ? IoMode.BUFFERED : IoMode.AUTO;
    }
}
