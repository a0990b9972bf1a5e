package dev.quire.simulation.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a crash can leave of a file. Sizes and cuts are in a journal: those of a prefix of the
 * changes are there. Bytes are not: of each change any of its units may be there, whatever became
 * of the others, and what lies behind the end is not seen.
 */
public final class CrashStates {
    private CrashStates() {}

    /** Whether a unit of a change reached the disk. */
    interface Survival {
        boolean survives(int change, int unit);
    }

    static Image image(
            Image durable, List<Change> pending, int sizes, Survival survival, int unitBytes) {
        Image image = durable.copy();
        long size = image.size();
        for (int i = 0; i < pending.size(); i++) {
            Change change = pending.get(i);
            if (change.resize()) {
                if (i < sizes) {
                    image.resize(Math.min(image.size(), change.sizeAfter())); // cuts
                    size = change.sizeAfter();
                    image.reach(size);
                }
                continue;
            }
            byte[] bytes = change.bytes();
            int unit = 0;
            for (int offset = 0; offset < bytes.length; unit++) {
                long end = ((change.position() + offset) / unitBytes + 1) * unitBytes;
                int count = (int) Math.min(bytes.length - offset, end - change.position() - offset);
                if (survival.survives(i, unit)) {
                    image.put(change.position() + offset, bytes, offset, count);
                }
                offset += count;
            }
            if (i < sizes) {
                size = Math.max(size, change.position() + bytes.length);
                image.reach(size);
            }
        }
        image.resize(size);
        return image;
    }

    /**
     * Every state, each once.
     *
     * @param unitBytes what is there or not as a whole
     * @param statesMax how many combinations are looked at before it is refused
     */
    static List<Image> all(Image durable, List<Change> pending, int unitBytes, long statesMax) {
        int units = 0;
        int[] first = new int[pending.size()];
        for (int i = 0; i < first.length; i++) {
            first[i] = units;
            Change change = pending.get(i);
            if (!change.resize() && change.bytes().length > 0) {
                long from = change.position() / unitBytes;
                long to = (change.position() + change.bytes().length - 1) / unitBytes;
                units += (int) (to - from + 1);
            }
        }
        if (units > 30 || ((pending.size() + 1L) << units) > statesMax) {
            throw new IllegalArgumentException(
                    "too many states: units=" + units + ", changes=" + pending.size());
        }
        // By all of their bytes: hashes of such contents, of which one is the other with two halves
        // changed over, are often the same.
        Map<ByteBuffer, Image> states = new LinkedHashMap<>();
        for (int sizes = 0; sizes <= pending.size(); sizes++) {
            for (long set = 0; set < 1L << units; set++) {
                long there = set;
                Image image =
                        image(
                                durable,
                                pending,
                                sizes,
                                (change, unit) -> ((there >>> (first[change] + unit)) & 1) != 0,
                                unitBytes);
                states.putIfAbsent(ByteBuffer.wrap(image.toBytes()), image);
            }
        }
        return new ArrayList<>(states.values());
    }
}
