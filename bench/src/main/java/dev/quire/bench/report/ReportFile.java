package dev.quire.bench.report;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command writes its report.
 *
 * @param path of the file
 * @param command as it was typed, for the report
 */
public record ReportFile(Path path, String command) {
    /**
     * Checks what can be checked before the command does its work.
     *
     * @throws InputException when no such file can be
     */
    public ReportFile {
        Path folder = path.toAbsolutePath().getParent();
        InputException.require(
                folder != null && Files.isDirectory(folder) && !Files.isDirectory(path),
                "must be a file in an existing folder",
                "--report",
                path);
    }

    /**
     * Writes the report.
     *
     * @param html all of it
     * @param console where to tell about it
     * @throws InputException when it cannot be written
     */
    public void write(String html, Console console) {
        try {
            Files.writeString(path, html);
        } catch (IOException e) {
            throw new InputException(
                    "the report cannot be written (" + Failures.describe(e) + "): --report=" + path,
                    e);
        }
        console.note("wrote the report: " + path);
    }
}
