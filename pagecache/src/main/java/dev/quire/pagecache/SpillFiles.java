package dev.quire.pagecache;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.pagecache.space.Images;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes the files that old images of pages go to: without a name, so that none is left behind. */
final class SpillFiles {
    private final AsyncIo io;
    private final SnapshotLimits limits;

    SpillFiles(AsyncIo io, SnapshotLimits limits) {
        this.io = io;
        this.limits = limits;
    }

    /** For a snapshot of a file; null for a store that is none. */
    Images.Spill of(@Nullable Path file) {
        return new Images.Spill() {
            @Override
            public AsyncFile open() throws IOException {
                return openUnlinked(directory(file));
            }

            @Override
            public long bytesMax() {
                return limits.spillBytesMax();
            }
        };
    }

    private Path directory(@Nullable Path file) throws IOException {
        if (limits.spillDirectory() != null) {
            return limits.spillDirectory();
        }
        if (file == null) {
            throw new IOException("no directory to spill to: configure a spillDirectory");
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException("no directory to spill to: file=" + file);
        }
        return directory;
    }

    private AsyncFile openUnlinked(Path directory) throws IOException {
        Path path = Files.createTempFile(directory, ".quire-snapshot", ".tmp");
        try {
            return io.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(path);
        }
    }
}
