package dev.quire.bench.io;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.bench.console.InputException;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * What one {@code quire io} is asked to do; only what can be run exists.
 *
 * @param shape the requests
 * @param file a file of the user's, or one to be made; null for a temporary one
 * @param sizeBytes size of the file that is made, or how much of the user's is used; null for the
 *     default, which is 1 GiB or all of it
 * @param tempDir where the temporary file is made
 * @param overwrite whether a file of the user's may be written to
 * @param engine which engine is measured; AUTO with {@code compare}: each of them
 * @param fixed whether rings know the memory beforehand; with {@code compare}: fio's and Quire's,
 *     beside those that do not
 * @param rings how many rings an engine has, if it has any
 * @param compare whether peers are measured too
 * @param rounds how often each is measured with {@code compare}
 * @param json whether a JSON object closes the output
 */
public record IoSettings(
        IoShape shape,
        @Nullable Path file,
        @Nullable Long sizeBytes,
        Path tempDir,
        boolean overwrite,
        Engine engine,
        boolean fixed,
        int rings,
        boolean compare,
        int rounds,
        boolean json) {
    /** The size of a file that is made, in bytes, when nothing else is asked for. */
    public static final long SIZE_BYTES_DEFAULT = 1L << 30;

    /** Most rounds of a comparison. */
    public static final int ROUNDS_MAX = 1000;

    /**
     * Checks what can be checked without looking at the file.
     *
     * @throws InputException naming the first value that cannot be run and its limit
     */
    public IoSettings {
        InputException.require(
                sizeBytes == null || sizeBytes >= shape.blockBytes(),
                "must hold a block of " + shape.blockBytes() + " bytes",
                "--size",
                sizeBytes);
        InputException.require(
                rounds >= 1 && rounds <= ROUNDS_MAX,
                "must be from 1 to " + ROUNDS_MAX,
                "--rounds",
                rounds);
        InputException.require(
                rings >= 1 && rings <= AsyncIoConfig.RINGS_MAX,
                "must be from 1 to " + AsyncIoConfig.RINGS_MAX,
                "--rings",
                rings);
        InputException.require(!overwrite || file != null, "needs --file", "--overwrite", true);
    }

    /** The size of a file that is made. */
    long madeBytes() {
        return sizeBytes == null ? SIZE_BYTES_DEFAULT : sizeBytes;
    }
}
