package dev.quire.bench;

import picocli.CommandLine.Option;

import java.nio.file.Path;

/** Where a command makes files of its own. */
final class TempDirOption {
    @Option(
            names = "--temp-dir",
            paramLabel = "<folder>",
            description = "where temporary files are made (default: ${DEFAULT-VALUE})",
            defaultValue = "${sys:java.io.tmpdir}")
    private Path folder = Path.of("");

    TempDirOption() {}

    Path folder() {
        return folder;
    }
}
