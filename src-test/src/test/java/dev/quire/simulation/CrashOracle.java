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
     */
    void check(byte[] found, int unitBytes) {
        int least = contents.stream().mapToInt(content -> content.length).min().orElseThrow();
        int most = contents.stream().mapToInt(content -> content.length).max().orElseThrow();
        int rounded = (most + unitBytes - 1) / unitBytes * unitBytes;
        if (found.length < least || found.length > rounded) {
            throw new AssertionError(
                    "the file is %d bytes long, not %d to %d"
                            .formatted(found.length, least, rounded));
        }
        byte[] whole = Arrays.copyOf(found, rounded);
        for (int at = 0; at < rounded; at++) {
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
