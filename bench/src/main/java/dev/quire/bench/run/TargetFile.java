package dev.quire.bench.run;

import java.io.IOException;
import java.nio.file.Path;

/** The file that a run works on, and what its pages must hold. */
sealed interface TargetFile extends AutoCloseable permits TemporaryFile, ExistingFile {
    /** Where it lies. */
    Path path();

    /** How many of its bytes the run uses, from its start. */
    long bytes();

    /** How long the file must be once the page cache is closed. */
    long closedBytes();

    /** Whether the page cache may open it for writing. */
    boolean writable();

    /** What its pages must hold. */
    Contents contents();

    /** In a few words, for the report. */
    String description();

    /** Leaves nothing behind that was not there before. */
    @Override
    void close() throws IOException;
}
