package dev.quire.bench.suite;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder for temporary files, also of JVMs that were killed; gone at the end, however it comes.
 */
final class ScratchFolder implements AutoCloseable {
    private final Path path;
    private final Thread removal = new Thread(this::remove, "quire-remove-folder");

    private ScratchFolder(Path path) {
        this.path = path;
        Runtime.getRuntime().addShutdownHook(removal);
    }

    static ScratchFolder in(Path parent) {
        try {
            return new ScratchFolder(
                    Files.createTempDirectory(parent, "quire-bench-").toAbsolutePath());
        } catch (IOException e) {
            throw new InputException(
                    "no folder can be made there ("
                            + Failures.describe(e)
                            + "): --temp-dir="
                            + parent,
                    e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(removal);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs by itself.
            return;
        }
    }

    private void remove() {
        List<Path> files;
        try (Stream<Path> all = Files.walk(path)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException e) {
            return; // gone already
        }
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                System.getLogger(ScratchFolder.class.getName())
                        .log(System.Logger.Level.WARNING, "not removed: {0}", Failures.describe(e));
            }
        }
    }
}
