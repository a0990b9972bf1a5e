package dev.quire.allocator.zone;

/**
 * How many frames of a zone are free, as a sum of cells, so that threads at different trees write
 * different ones. Exact while nobody is at work.
 */
final class FreeCount {
    private final PaddedLongs cells;
    private final int mask;
    private final int frameCount;

    /** All frames free; cellCount is a power of two. */
    FreeCount(int frameCount, int cellCount) {
        this.frameCount = frameCount;
        cells = new PaddedLongs(cellCount);
        mask = cellCount - 1;
        cells.setRelease(0, frameCount);
    }

    void add(int tree, int frames) {
        cells.add(tree & mask, frames);
    }

    /** The cells are read one after another, so that the sum may never have been true. */
    int sum() {
        long sum = 0;
        for (int cell = 0; cell <= mask; cell++) {
            sum += cells.get(cell);
        }
        return Math.clamp(sum, 0, frameCount);
    }

    /** As {@link #sum}, whatever it is. */
    long exact() {
        long sum = 0;
        for (int cell = 0; cell <= mask; cell++) {
            sum += cells.get(cell);
        }
        return sum;
    }

    long bytes() {
        return cells.bytes();
    }
}
