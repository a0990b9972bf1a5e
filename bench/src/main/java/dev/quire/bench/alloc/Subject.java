package dev.quire.bench.alloc;

/**
 * An allocator under measurement.
 *
 * <p>Single frames are held in numbered slots, in whatever form the allocator knows them by, so
 * that nothing is boxed on the way; what is taken ends as memory that could be used, whose address
 * is told: behind a segment, a buffer, or nothing, as each allocator gives it. Any thread may use
 * any slot, one at a time; who hands a slot to another thread makes it visible to it. The memory
 * itself is not touched, unless the allocator does so.
 */
public interface Subject extends AutoCloseable {
    /** Bytes of a frame. */
    int FRAME_BYTES = 4096;

    /** Bytes of the region of those that have one. */
    int CAPACITY_BYTES = 1 << 30;

    /** Frames of the region of those that have one. */
    int CAPACITY_FRAMES = CAPACITY_BYTES / FRAME_BYTES;

    /**
     * Takes a block and gives it back at once.
     *
     * @param order log2 of its frames, 0..10
     * @return its address; a number for those that have no memory
     */
    long pair(int order);

    /**
     * Takes a frame into a slot that is empty.
     *
     * @param slot 0..slots - 1
     * @return its address; a number for those that have no memory
     */
    long take(int slot);

    /**
     * Gives the frame of a slot back.
     *
     * @param slot that was taken
     */
    void give(int slot);

    /** Ends it, every slot empty. */
    @Override
    void close();
}
