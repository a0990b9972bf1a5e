package dev.quire.allocator.debug;

import dev.quire.allocator.frame.FrameTable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Frame numbers that know which life of their frame they belong to.
 *
 * <pre>
 *  31 30                    n n-1                    0
 * +--+-----------------------+------------------------+
 * |0 |      generation       |         frame          |     n = bits that the last frame needs
 * +--+-----------------------+------------------------+
 * </pre>
 *
 * <p>A block's generation is its head's, and differs each time that the head is allocated as one;
 * its tails share it, so that {@code handle + i} is the handle of the i-th frame of the block.
 * Generation 0 is given to no block: a number below 2^n is a plain frame number, and can not be
 * stale. Generations wrap: a handle that outlives its block by exactly a multiple of {@code 2^(31 -
 * n) - 1} allocations of its head is taken for a current one.
 */
public final class Handles {
    /** The fewest bits that a generation is worth having for. */
    public static final int GENERATION_BITS_MIN = 4;

    /** The most frames that leave so many bits. */
    public static final int FRAMES_MAX = 1 << (Integer.SIZE - 1 - GENERATION_BITS_MIN);

    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    private final FrameTable frames;
    private final int frameBits;
    private final int[] generations;

    /**
     * Handles for the frames of a table.
     *
     * @param frames at most {@link #FRAMES_MAX}
     */
    public Handles(FrameTable frames) {
        int frameCount = frames.frameCount();
        this.frames = frames;
        frameBits = Integer.SIZE - Integer.numberOfLeadingZeros(frameCount - 1);
        generations = new int[frameCount];
    }

    /**
     * Begins a new life of a block.
     *
     * @param head its head frame; the caller is about to hand it out, and nobody else can reach it
     */
    public void renew(int head) {
        int generation = ((int) INTS.getOpaque(generations, head) + 1) & generationMask();
        INTS.setOpaque(generations, head, generation == 0 ? 1 : generation);
    }

    /**
     * The handle of a frame in its present life, or in its last one.
     *
     * @param frame a frame, head or tail
     * @return at least 0
     */
    public int handle(int frame) {
        return current(frame) << frameBits | frame;
    }

    /**
     * The frame of a handle. Not checked: see {@link #isStale}.
     *
     * @param handle any number
     * @return the frame; less than 0, or more than there are, when it is none's
     */
    public int frame(int handle) {
        return handle < 0 ? handle : handle & (1 << frameBits) - 1;
    }

    /**
     * The generation in a handle.
     *
     * @param handle a handle
     * @return at least 0; 0 is no block's
     */
    public int generation(int handle) {
        return handle >>> frameBits;
    }

    /**
     * The generation of the block that a frame is in, or was in last.
     *
     * @param frame a frame, head or tail
     * @return at least 0; 0 when it never was allocated
     */
    public int current(int frame) {
        return (int) INTS.getOpaque(generations, head(frame));
    }

    /**
     * Whether a handle is of an earlier life of its frame. May be out of date when it answers no,
     * unless the caller holds a reference to the block.
     *
     * @param handle a handle whose {@link #frame} is one
     * @return true if it has a generation, and another one than the frame has now
     */
    public boolean isStale(int handle) {
        int generation = generation(handle);
        return generation != 0 && generation != current(frame(handle));
    }

    /**
     * Head of the block that a frame is in.
     *
     * @param frame a frame
     * @return itself when it is no tail
     */
    public int head(int frame) {
        int head = frame;
        while (head > 0 && frames.order(head) == FrameTable.ORDER_TAIL) {
            head--;
        }
        return head;
    }

    private int generationMask() {
        return Integer.MAX_VALUE >>> frameBits;
    }

    /**
     * Heap that the generations take.
     *
     * @return bytes
     */
    public long metadataBytes() {
        return (long) Integer.BYTES * generations.length;
    }
}
