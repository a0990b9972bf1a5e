package dev.quire.bench.run;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that a run makes for itself, full of {@link PageStamp}s. It is removed at the end, however
 * the run ends: also by a signal, by which only a shutdown hook still runs.
 */
final class TemporaryFile implements TargetFile {
    private final Path path;
    private final long bytes;
    private final StampedContents contents;
    private final Thread removal;

    private TemporaryFile(Path path, long bytes, int pageBytes) {
        this.path = path;
        this.bytes = bytes;
        this.contents = new StampedContents(bytes / pageBytes);
        this.removal = new Thread(this::removeQuietly, "quire-remove-temporary-file");
        Runtime.getRuntime().addShutdownHook(removal);
    }

    /**
     * Checks that the folder is there and that its disk has room; makes nothing.
     *
     * @param folder where the file would be made
     * @param bytes its size
     * @throws InputException when it could not be made there
     */
    static void check(Path folder, long bytes) {
        long freeBytes;
        try {
            freeBytes = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw refused(folder, bytes, e);
        }
        if (freeBytes < bytes) {
            throw refused(folder, bytes, new IOException("only " + freeBytes + " bytes are free"));
        }
    }

    /**
     * Makes a file whose every page is stamped and on the disk.
     *
     * @param folder where to
     * @param bytes its size, whole pages
     * @param pageBytes the size of a page
     * @param threads how many threads write it
     * @throws InputException when the folder or the disk cannot take it; nothing is left behind
     */
    static TemporaryFile make(Path folder, long bytes, int pageBytes, int threads) {
        TemporaryFile file;
        try {
            file = new TemporaryFile(newPath(folder), bytes, pageBytes);
        } catch (IOException e) {
            throw refused(folder, bytes, e);
        }
        try {
            new DiskScan(file.path, bytes, pageBytes, threads)
                    .fillEachPage(
                            (copy, page) -> PageStamp.write(copy, page, PageStamp.FIRST_VERSION));
            // What the run measures must not be the writing of this file.
            try (FileChannel channel = FileChannel.open(file.path, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            return file;
        } catch (IOException e) {
            file.close();
            throw refused(folder, bytes, e);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long closedBytes() {
        return bytes;
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public String description() {
        return "temporary file";
    }

    @Override
    public void close() {
        removeQuietly();
        try {
            Runtime.getRuntime().removeShutdownHook(removal);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs by itself, and finds nothing left to remove.
            return;
        }
        contents.close();
    }

    /** Nothing is done about a failure: the run's own result matters more. */
    private void removeQuietly() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.getLogger(TemporaryFile.class.getName())
                    .log(System.Logger.Level.WARNING, "not removed: {0}", Failures.describe(e));
        }
    }

    private static Path newPath(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new InputException("--temp-dir must be an existing folder: --temp-dir=" + folder);
        }
        return Files.createTempFile(folder, "quire-run-", ".pages");
    }

    private static InputException refused(Path folder, long bytes, IOException cause) {
        return new InputException(
                "the temporary file cannot be made ("
                        + Failures.describe(cause)
                        + "), choose another --temp-dir or a smaller --file-bytes: --temp-dir="
                        + folder
                        + ", --file-bytes="
                        + bytes,
                cause);
    }
}
