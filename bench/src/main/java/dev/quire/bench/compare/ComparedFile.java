package dev.quire.bench.compare;

import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.run.DirectOption;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file for one subject, written past the kernel's page cache: nothing of it is in memory when the
 * subject begins. It is removed when it is closed, or when the JVM ends.
 */
final class ComparedFile implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path path;

    private ComparedFile(Path path) {
        this.path = path;
    }

    /**
     * Makes a file of pages that can be told from each other.
     *
     * @throws InputException when it cannot be made there
     */
    static ComparedFile make(Path folder, long bytes, int pageBytes) {
        InputException.require(
                Files.isDirectory(folder), "must be an existing folder", "--temp-dir", folder);
        try {
            long freeBytes = Files.getFileStore(folder).getUsableSpace();
            InputException.require(
                    bytes <= freeBytes,
                    "must be at most what is free in "
                            + folder
                            + ", which is "
                            + freeBytes
                            + ", and is ten times --memory unless given",
                    "--file-bytes",
                    bytes);
            ComparedFile file =
                    new ComparedFile(Files.createTempFile(folder, "quire-compare-", ".pages"));
            file.path.toFile().deleteOnExit(); // also by a signal
            try {
                file.fill(bytes, pageBytes);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
            return file;
        } catch (IOException | UnsupportedOperationException e) {
            throw new InputException(
                    "no file for direct I/O can be made ("
                            + Failures.describe(e)
                            + "), choose a folder on a disk: --temp-dir="
                            + folder,
                    e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }

    private void fill(long bytes, int pageBytes) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel =
                        FileChannel.open(path, StandardOpenOption.WRITE, DirectOption.DIRECT)) {
            MemorySegment chunk = arena.allocate(CHUNK_BYTES, CHUNK_BYTES);
            for (long at = 0; at < bytes; at += CHUNK_BYTES) {
                int length = (int) Math.min(CHUNK_BYTES, bytes - at);
                for (int offset = 0; offset < length; offset += pageBytes) {
                    long page = (at + offset) / pageBytes;
                    ComparedPage.fill(chunk.asSlice(offset, pageBytes), page, page);
                }
                ByteBuffer left = chunk.asSlice(0, length).asByteBuffer();
                while (left.hasRemaining()) {
                    channel.write(left, at + left.position());
                }
            }
            channel.force(true);
        }
    }
}
