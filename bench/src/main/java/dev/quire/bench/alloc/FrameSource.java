package dev.quire.bench.alloc;

/** Single frames and the huge blocks that are left of them. Any thread. */
interface FrameSource extends AutoCloseable {
    /** Log2 of the frames of a huge block: 2 MiB in frames of 4 KiB. */
    int HUGE_ORDER = 9;

    /** Frames of a huge block. */
    int HUGE_FRAMES = 1 << HUGE_ORDER;

    /**
     * Takes a frame.
     *
     * @return its number; negative when there is none
     */
    int take();

    /** Gives a frame back. */
    void give(int frame);

    /**
     * How many aligned runs of {@link #HUGE_FRAMES} are free, nobody taking or giving meanwhile.
     */
    int freeHugeBlocks();

    /** Checks itself, no frame taken, and ends. */
    @Override
    void close();
}
