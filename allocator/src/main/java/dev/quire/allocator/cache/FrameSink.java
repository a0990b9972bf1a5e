package dev.quire.allocator.cache;

/** Where blocks go that leave a frame cache: the zone, behind the allocator's bookkeeping. */
public interface FrameSink {
    /**
     * Puts a reference that the caller holds, the long way.
     *
     * @param head head frame
     */
    void put(int head);

    /**
     * Takes a free frame from the zone out of use, because its word is not a free frame's.
     *
     * @param frame the frame, which the caller owns
     */
    void discard(int frame);

    /**
     * Takes a block that the caller owns: its word is a free frame's, its order column still set.
     *
     * @param head head frame
     * @param order its order
     */
    void free(int head, int order);

    /**
     * As {@link #free}, for several blocks of one order.
     *
     * @param heads head frames
     * @param from first index to read
     * @param count how many, at least 0
     * @param order the order of all of them
     */
    void freeBatch(int[] heads, int from, int count, int order);
}
