package dev.quire.bench.soak;

import dev.quire.bench.console.Failures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for a soak's files. It goes with them, also when a signal ends the soak. */
final class SoakFolder {
    private final Path path;
    private final Thread removal;

    SoakFolder(Path parent) throws IOException {
        path = Files.createTempDirectory(parent, "quire-soak-");
        removal = new Thread(this::removeQuietly, "quire-remove-soak-folder");
        Runtime.getRuntime().addShutdownHook(removal);
    }

    Path path() {
        return path;
    }

    void close(boolean keep) {
        if (!keep) {
            removeQuietly();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(removal);
        } catch (IllegalStateException e) {
            return; // the JVM is going down: the hook runs by itself
        }
    }

    private void removeQuietly() {
        try (Stream<Path> files = Files.walk(path)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.getLogger(SoakFolder.class.getName())
                    .log(System.Logger.Level.WARNING, "not removed: {0}", Failures.describe(e));
        }
    }
}
