package dev.quire.bench.fsx;

import org.jspecify.annotations.Nullable;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where every operation is written before it is done, if anywhere. */
final class OperationLog implements AutoCloseable {
    private final @Nullable BufferedWriter writer;

    OperationLog(@Nullable Path path) throws IOException {
        writer = path == null ? null : Files.newBufferedWriter(path);
    }

    void write(int thread, Operation operation) throws IOException {
        if (writer != null) {
            synchronized (writer) {
                writer.write("thread " + thread + ": " + operation + "\n");
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }
}
