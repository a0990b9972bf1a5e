package dev.quire.bench.io;

import dev.quire.bench.console.InputException;

import java.io.IOException;

/** What makes requests and is measured by how many, and by what they cost. */
interface Subject {
    /** As it stands in tables and JSON. */
    String name();

    /**
     * Runs one closed loop, warm-up included, with nothing left behind.
     *
     * @param shape the requests
     * @param file where they go
     * @throws InputException when it cannot do this here
     * @throws IOException when it cannot open the file, or hangs
     */
    IoResult run(IoShape shape, MeasuredFile file) throws IOException;
}
