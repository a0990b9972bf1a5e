package dev.quire.bench.run;

import java.io.IOException;
import java.nio.file.Path;

/** Where a test may reach into a run, to break what the run must notice. */
interface RunHooks {
    /** Nothing is done. */
    RunHooks NONE = new RunHooks() {};

    /**
     * The file is complete, and the page cache has not opened it yet.
     *
     * @param file where it lies
     * @throws IOException when the test cannot do what it wants
     */
    default void beforeWorkload(Path file) throws IOException {}

    /**
     * The page cache is closed, and the file was not read again yet.
     *
     * @param file where it lies
     * @throws IOException when the test cannot do what it wants
     */
    default void beforeVerification(Path file) throws IOException {}
}
