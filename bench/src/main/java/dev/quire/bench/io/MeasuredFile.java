package dev.quire.bench.io;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.Units;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/**
 * The file that is read and written: one of the user's, or one made and filled with random bytes. A
 * temporary one is removed at the end, and any while it is not yet whole, however that comes: also
 * by a signal, by which only a shutdown hook still runs.
 */
final class MeasuredFile implements AutoCloseable {
    private static final int FILL_BYTES = 1 << 20;

    private final Path path;
    private final long bytes;
    private @Nullable Thread removal; // while the file is to go

    private MeasuredFile(Path path, long bytes) {
        this.path = path;
        this.bytes = bytes;
    }

    /**
     * The file that the settings name, made when it is not there.
     *
     * @param settings of the measurement
     * @param console where to tell about it
     * @throws InputException when it is not there and not to be made, too small, may not be read,
     *     or may not be written and has to be
     */
    static MeasuredFile of(IoSettings settings, Console console) {
        Path file = settings.file();
        if (file == null) {
            return makeTemporary(settings, console);
        }
        if (Files.exists(file)) {
            return existing(file, settings);
        }
        InputException.require(
                settings.sizeBytes() != null,
                "must exist, or --size says how large to make it",
                "--file",
                file);
        return make(new MeasuredFile(file, settings.madeBytes()), false, console);
    }

    /** Where it lies. */
    Path path() {
        return path;
    }

    /** How many of its bytes are used, from its start. */
    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (removal != null) {
            remove();
            keep();
        }
    }

    private static MeasuredFile existing(Path file, IoSettings settings) {
        InputException.require(
                !Files.isDirectory(file), "must be a file, not a directory", "--file", file);
        InputException.require(
                Files.isReadable(file), "may not be read, no permission", "--file", file);
        IoPattern pattern = settings.shape().pattern();
        InputException.require(
                !pattern.writes() || settings.overwrite(),
                "would lose what it holds to --pattern="
                        + pattern
                        + ": add --overwrite, or name a file to be made",
                "--file",
                file);
        InputException.require(
                !pattern.writes() || Files.isWritable(file),
                "may not be written, no permission",
                "--file",
                file);
        long has = sizeOf(file);
        InputException.require(
                has >= settings.shape().blockBytes(),
                "must hold a block of " + settings.shape().blockBytes() + " bytes, it has " + has,
                "--file",
                file);
        Long asked = settings.sizeBytes();
        InputException.require(
                asked == null || asked <= has,
                "must be at most the size of --file, which is " + has,
                "--size",
                asked);
        return new MeasuredFile(file, asked == null ? has : asked);
    }

    /** A channel knows the size of a device too. */
    private static long sizeOf(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.size();
        } catch (IOException e) {
            throw new InputException(
                    "--file cannot be read (" + Failures.describe(e) + "): --file=" + file, e);
        }
    }

    private static MeasuredFile makeTemporary(IoSettings settings, Console console) {
        Path folder = settings.tempDir();
        InputException.require(
                Files.isDirectory(folder), "must be an existing folder", "--temp-dir", folder);
        try {
            Path path = Files.createTempFile(folder, "quire-io-", ".blocks");
            return make(new MeasuredFile(path, settings.madeBytes()), true, console);
        } catch (IOException e) {
            throw refused(folder, settings.madeBytes(), e);
        }
    }

    private static MeasuredFile make(MeasuredFile file, boolean temporary, Console console) {
        file.removal = new Thread(file::remove, "quire-remove-file");
        Runtime.getRuntime().addShutdownHook(file.removal);
        console.note(
                "making a file of "
                        + Units.bytes(file.bytes)
                        + ", random bytes, "
                        + (temporary ? "removed at the end: " : "which stays: ")
                        + file.path);
        try {
            file.fill();
        } catch (IOException e) {
            file.close();
            throw refused(file.path, file.bytes, e);
        }
        if (!temporary) {
            file.keep();
        }
        return file;
    }

    private void keep() {
        try {
            Runtime.getRuntime().removeShutdownHook(removal);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs by itself.
            return;
        }
        removal = null;
    }

    private void fill() throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        long freeBytes = Files.getFileStore(folder == null ? path : folder).getUsableSpace();
        if (freeBytes < bytes) {
            throw new IOException("only " + freeBytes + " bytes are free");
        }
        ByteBuffer block = ByteBuffer.allocateDirect(FILL_BYTES);
        byte[] random = new byte[FILL_BYTES];
        Random source = new Random();
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (long left = bytes; left > 0; left -= block.position()) {
                source.nextBytes(random);
                block.clear().put(random).flip().limit((int) Math.min(left, FILL_BYTES));
                while (block.hasRemaining()) {
                    channel.write(block);
                }
            }
            // What is measured must not be the writing of this file.
            channel.force(true);
        }
    }

    /** Nothing is done about a failure: the result matters more. */
    private void remove() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            System.getLogger(MeasuredFile.class.getName())
                    .log(System.Logger.Level.WARNING, "not removed: {0}", Failures.describe(e));
        }
    }

    private static InputException refused(Path where, long bytes, IOException cause) {
        return new InputException(
                "the file cannot be made ("
                        + Failures.describe(cause)
                        + "), choose another place or a smaller --size: "
                        + where
                        + ", --size="
                        + bytes,
                cause);
    }
}
