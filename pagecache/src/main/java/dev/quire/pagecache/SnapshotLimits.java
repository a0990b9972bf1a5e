package dev.quire.pagecache;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What snapshots may cost. The first write to a page after a snapshot was taken keeps what the page
 * held: in memory, and when half of that is in use, in files that have no name and go with their
 * snapshot. Where there is room in neither, the snapshot is lost ({@code SnapshotLostException}).
 * Of a page of zeros, as in a hole, only that is kept: at most 50 bytes.
 *
 * <p>What is in those files is what the cache holds: where the file's hooks encrypt what is
 * written, it is in clear text there. A directory on an encrypted disk, or in memory, is the
 * answer, or {@code spillBytesMax=0}.
 *
 * @param memoryPercent part of the frames that the cache may use now ({@link PageCache#limitBytes})
 *     that all snapshots together may take, 0..50; they take free ones only, and up to 1 MiB beside
 *     the cache while none is free. With 0 every snapshot is lost at the first write to one of its
 *     pages that is not all zeros
 * @param spillBytesMax how long the file of one snapshot may become, at least 0
 * @param writersWaitMax how long a writer that holds no latch waits at most while old images are
 *     spilled slower than they come; zero for not at all: the snapshot is lost then
 * @param spillDirectory where those files are made; null for the directory of the file that the
 *     snapshot is of (what is no file has none then)
 */
public record SnapshotLimits(
        int memoryPercent,
        long spillBytesMax,
        Duration writersWaitMax,
        @Nullable Path spillDirectory) {
    private static final int PERCENT_MAX = 50;
    private static final Duration WAIT_MAX = Duration.ofDays(365);

    /** A tenth of the cache, as much as fits beside the file, and no writer waits. */
    public static final SnapshotLimits DEFAULT =
            new SnapshotLimits(10, Long.MAX_VALUE, Duration.ZERO, null);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException naming the value and its limit
     */
    public SnapshotLimits {
        if (memoryPercent < 0 || memoryPercent > PERCENT_MAX) {
            throw new IllegalArgumentException(
                    "memory for snapshots must be 0.."
                            + PERCENT_MAX
                            + " percent: memoryPercent="
                            + memoryPercent);
        }
        if (spillBytesMax < 0) {
            throw new IllegalArgumentException(
                    "spill must be at least 0 bytes: spillBytesMax=" + spillBytesMax);
        }
        if (writersWaitMax.isNegative() || writersWaitMax.compareTo(WAIT_MAX) > 0) {
            throw new IllegalArgumentException(
                    "writers must wait from 0 to "
                            + WAIT_MAX
                            + ": writersWaitMax="
                            + writersWaitMax);
        }
    }
}
