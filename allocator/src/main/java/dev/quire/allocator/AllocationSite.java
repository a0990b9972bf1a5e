package dev.quire.allocator;

import java.util.List;

/**
 * What was allocated from one place and is still held, as far as owner tracking knows.
 *
 * @param blocks how many blocks
 * @param frames how many frames they have together
 * @param stack the calls that led to the allocation, a line each, the innermost first; or one line
 *     that says why it is not known
 */
public record AllocationSite(int blocks, int frames, List<String> stack) {
    /**
     * A site.
     *
     * @param blocks how many blocks
     * @param frames how many frames they have together
     * @param stack the calls, a line each
     */
    public AllocationSite {
        stack = List.copyOf(stack);
    }

    /** How many blocks of how many frames, in words. */
    static String count(int blocks, int frames) {
        return blocks
                + (blocks == 1 ? " block (" : " blocks (")
                + frames
                + (frames == 1 ? " frame)" : " frames)");
    }

    /**
     * The counts in one line, then the calls.
     *
     * @return for example {@code 12 blocks (96 frames) allocated}, and indented lines
     */
    @Override
    public String toString() {
        return count(blocks, frames) + " allocated\n    " + String.join("\n    ", stack);
    }
}
