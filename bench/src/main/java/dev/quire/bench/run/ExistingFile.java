package dev.quire.bench.run;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of the user's: it must come out of a run byte for byte as it went in. */
final class ExistingFile implements TargetFile {
    private final Path path;
    private final long bytes;
    private final long closedBytes;
    private final boolean writable;
    private final ForeignContents contents;

    private ExistingFile(
            Path path, long bytes, long closedBytes, boolean writable, ForeignContents contents) {
        this.path = path;
        this.bytes = bytes;
        this.closedBytes = closedBytes;
        this.writable = writable;
        this.contents = contents;
    }

    /**
     * Checks that the file can be worked on; reads nothing of it.
     *
     * @param path where it lies
     * @param fileBytes how much of it is asked for; null for all
     * @param writable whether the run may write to it
     * @throws InputException when it is not there, not a regular file, empty, shorter than asked
     *     for, or may not be read or written
     */
    static void check(Path path, @Nullable Long fileBytes, boolean writable) {
        require(Files.exists(path), "must exist", path);
        require(!Files.isDirectory(path), "must be a regular file, not a directory", path);
        require(Files.isRegularFile(path), "must be a regular file", path);
        require(Files.isReadable(path), "may not be read, no permission", path);
        require(!writable || Files.isWritable(path), "may not be written, no permission", path);
        long sizeBytes = sizeBytes(path);
        require(sizeBytes > 0, "must not be empty", path);
        if (fileBytes != null && fileBytes > sizeBytes) {
            throw new InputException(
                    "--file-bytes must be at most the size of --file, which is "
                            + sizeBytes
                            + ": --file-bytes="
                            + fileBytes);
        }
    }

    /**
     * Remembers what the file holds, which takes one pass over it.
     *
     * @param path where it lies; {@link #check} found nothing wrong with it
     * @param fileBytes how much of it is used; null for all
     * @param writable whether the run may write to it
     * @param pageBytes the size of a page
     * @param threads how many threads read it
     * @throws InputException when it cannot be read
     */
    static ExistingFile open(
            Path path, @Nullable Long fileBytes, boolean writable, int pageBytes, int threads) {
        long sizeBytes = sizeBytes(path);
        long bytes = fileBytes == null ? sizeBytes : fileBytes;
        try {
            return new ExistingFile(
                    path,
                    bytes,
                    sizeBytes,
                    writable,
                    ForeignContents.of(path, bytes, pageBytes, threads));
        } catch (IOException e) {
            throw unreadable(path, e);
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
        return closedBytes;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public Contents contents() {
        return contents;
    }

    @Override
    public String description() {
        return (writable ? "rewritten in place: " : "read only: ") + path;
    }

    @Override
    public void close() {
        contents.close();
    }

    private static long sizeBytes(Path path) {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static InputException unreadable(Path path, IOException cause) {
        return new InputException(
                "--file cannot be read (" + Failures.describe(cause) + "): --file=" + path, cause);
    }

    private static void require(boolean holds, String rule, Path path) {
        if (!holds) {
            throw new InputException("--file " + rule + ": --file=" + path);
        }
    }
}
