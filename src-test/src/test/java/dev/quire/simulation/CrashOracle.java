package dev.quire.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a small file may hold after a crash: of each byte what the last acknowledged sync covered,
 * or what any operation begun since then put there.
 */
final class CrashOracle {
    private final List<byte[]> contents = new ArrayList<>(); // since the last acknowledged sync

    CrashOracle(byte[] durable) {
        contents.add(durable);
    }

    byte[] content() {
        return contents.getLast();
    }

    /** An operation is begun that makes the file so. */
    void begin(byte[] content) {
        contents.add(content);
    }

    /** Everything that was over before the sync began is durable. */
    void acknowledged() {
        contents.subList(0, contents.size() - 1).clear();
    }

    /**
     * Fails unless a file may be found so.
     *
     * @param unitBytes what sizes are rounded up to, 1 for not at all
     * @param stepBytes what the file grows by
     */
    void check(byte[] found, int unitBytes, int stepBytes) {
        long[] sizes = contents.stream().mapToLong(content -> content.length).toArray();
        SizesFound.check(found.length, sizes, unitBytes, at -> at % stepBytes == 0);
        int most = Math.max(found.length, (int) Arrays.stream(sizes).max().orElseThrow());
        byte[] whole = Arrays.copyOf(found, most);
        for (int at = 0; at < most; at++) {
            if (!mayHold(at, whole[at])) {
                throw new AssertionError(
                        "byte %d of %d is %d".formatted(at, found.length, whole[at]));
            }
        }
    }

    private boolean mayHold(int at, byte value) {
        for (byte[] content : contents) {
            if ((at < content.length ? content[at] : 0) == value) {
                return true;
            }
        }
        return false;
    }
}
