package dev.quire.allocator;

import java.util.List;

/**
 * What was still allocated when an allocator was closed.
 *
 * @param blocks how many blocks
 * @param frames how many frames they have together
 * @param first the first of them in words, at most {@link #SHOWN_MAX}
 */
public record LeakReport(int blocks, int frames, List<String> first) {
    /** How many blocks are described. */
    public static final int SHOWN_MAX = 8;

    /**
     * A report.
     *
     * @param blocks how many blocks
     * @param frames how many frames they have together
     * @param first the first of them in words
     */
    public LeakReport {
        first = List.copyOf(first);
    }

    /**
     * The report in one line.
     *
     * @return for example {@code 1 block (8 frames) still allocated: F#8/o3 [refs 1, pins 0]}
     */
    @Override
    public String toString() {
        String more = blocks > first.size() ? ", and " + (blocks - first.size()) + " more" : "";
        return blocks
                + (blocks == 1 ? " block (" : " blocks (")
                + frames
                + (frames == 1 ? " frame" : " frames")
                + ") still allocated: "
                + String.join("; ", first)
                + more;
    }
}
