package dev.quire.bench.suite;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The file of {@code --results}: at any moment a whole object, that of the groups measured so far,
 * so that what ends a run early takes no more than its last group.
 */
final class ResultsFile {
    private final Path path;

    ResultsFile(Path path) {
        this.path = path;
    }

    /**
     * Writes what there is in the midst of a run; nothing to a pipe, which would be told twice.
     *
     * @throws InputException when it cannot be written
     */
    void keep(SuiteResults soFar) {
        if (replaceable()) {
            write(soFar);
        }
    }

    /**
     * Writes the end of a run.
     *
     * @throws InputException when it cannot be written
     */
    void write(SuiteResults results) {
        String text = results.json() + "\n";
        try {
            if (replaceable()) {
                replace(text);
            } else {
                Files.writeString(path, text);
            }
        } catch (IOException e) {
            throw new InputException(
                    "the results cannot be written ("
                            + Failures.describe(e)
                            + "): --results="
                            + path,
                    e);
        }
    }

    private boolean replaceable() {
        return Files.isRegularFile(path) || Files.notExists(path);
    }

    private void replace(String text) throws IOException {
        // A link stays one.
        Path file = Files.exists(path) ? path.toRealPath() : path;
        Path whole = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(whole, text);
            Files.move(
                    whole,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(whole);
        }
    }
}
