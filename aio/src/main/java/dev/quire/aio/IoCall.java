package dev.quire.aio;

import java.io.IOException;

/** A file operation other than a transfer, to be run where it may sleep. */
@FunctionalInterface
interface IoCall {
    long run() throws IOException;
}
