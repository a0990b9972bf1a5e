package dev.quire.simulation;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Which size a file may be found with after a crash: one that it was given since the last
 * acknowledged sync, or that it had on its way up to one, where a page or a transfer ends.
 */
final class SizesFound {
    private SizesFound() {}

    /**
     * Fails unless a file may be so long.
     *
     * @param sizes those that it had, or was about to have, the durable one first
     * @param unitBytes what a size is rounded up to until a sync has cut it, 1 for not at all
     * @param stops where it may stop on its way up
     */
    static void check(long found, long[] sizes, int unitBytes, LongPredicate stops) {
        long least = Long.MAX_VALUE;
        for (long size : sizes) {
            boolean onTheWay = least < found && found < size && stops.test(found);
            if (found == size || found == up(size, unitBytes) || onTheWay) {
                return;
            }
            least = Math.min(least, size);
        }
        throw new AssertionError(
                "the file is %d bytes long, its sizes since the last sync were %s"
                        .formatted(found, Arrays.toString(sizes)));
    }

    private static long up(long size, int unitBytes) {
        return (size + unitBytes - 1) / unitBytes * unitBytes;
    }
}
