package dev.quire.allocator.zone;

/**
 * The free blocks of a region: frames in naturally aligned runs of a power of two.
 *
 * <p>Block {@code (head, order)} is the frames {@code head .. head + (1 << order) - 1}, and {@code
 * head} is a multiple of its length. Its buddy differs in one bit: {@code head ^ (1 << order)}. Two
 * free buddies are one free block of the next order, up to {@link #ORDER_MAX}.
 *
 * <p>A zone knows nothing of references or contents; callers own what they were given until they
 * give it back. All methods may be called by any thread.
 */
public interface BuddyZone {
    /** No block: the answer of an allocation that failed. */
    int NO_FRAME = -1;

    /** The largest order of a block. */
    int ORDER_MAX = 10;

    /** The stripe of all whose blocks will never be moved. */
    int UNMOVABLE = -1;

    /**
     * Takes a block.
     *
     * @param order 0..{@link #ORDER_MAX}
     * @param keepFrames frames that must still be free afterwards, at least 0
     * @param stripe callers that pass different ones are kept apart, a hint only: {@link
     *     #UNMOVABLE}, or at least 0
     * @return head frame of a block of exactly that order; or {@link #NO_FRAME} when none is free
     *     or fewer than keepFrames frames would be left
     */
    int allocate(int order, int keepFrames, int stripe);

    /**
     * Takes single frames, as many as there are.
     *
     * @param frames where to put them
     * @param from first index to fill
     * @param count how many are wanted
     * @param keepFrames frames that must still be free afterwards, at least 0
     * @param stripe as {@link #allocate}
     * @return how many were taken, 0..count
     */
    int allocateBatch(int[] frames, int from, int count, int keepFrames, int stripe);

    /**
     * Takes one certain block.
     *
     * @param head head frame of the block
     * @param order 0..{@link #ORDER_MAX}
     * @param keepFrames frames that must still be free afterwards, at least 0
     * @return false, with nothing changed, when not all of it is free, it is no block of the zone,
     *     or fewer than keepFrames frames would be left
     */
    boolean allocateAt(int head, int order, int keepFrames);

    /**
     * Gives a block back, merging it with its buddy as often as that is free.
     *
     * @param head head frame of the block
     * @param order 0..{@link #ORDER_MAX}
     * @return false, with nothing changed, when it cannot be a block that was handed out: outside
     *     the zone, not aligned to its order, or some of it free already (a double free)
     */
    boolean free(int head, int order);

    /**
     * Gives blocks of one order back.
     *
     * @param heads head frames
     * @param from first index to read
     * @param count how many
     * @param order the order of all of them, 0..{@link #ORDER_MAX}
     * @return the index of the first one that was refused as in {@link #free}, and at which the
     *     work stopped; or {@code from + count}
     */
    int freeBatch(int[] heads, int from, int count, int order);

    /**
     * How many frames the zone has.
     *
     * @return at least 1
     */
    int frameCount();

    /**
     * How many frames are free. May be out of date when it returns.
     *
     * @return 0..frameCount
     */
    int freeFrames();

    /**
     * How many blocks of each order are free: the largest aligned runs of free frames. Seen in one
     * pass, and may be out of date when it returns.
     *
     * @param blocks filled by order, at least {@code ORDER_MAX + 1} long
     */
    void freeBlocks(int[] blocks);

    /**
     * Whether a frame is free, alone or within a block. May be out of date when it returns.
     *
     * @param frame 0..frameCount-1
     * @return true if it is
     */
    boolean isFree(int frame);

    /**
     * Metadata of the zone.
     *
     * @return bytes, beside the frame table
     */
    long metadataBytes();

    /**
     * Walks everything.
     *
     * @throws AssertionError naming what does not hold
     */
    void verify();
}
