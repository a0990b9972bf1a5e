package dev.quire.allocator;

import dev.quire.allocator.zone.BuddyZone;

import java.util.Arrays;

/**
 * Free blocks by order, as in Linux's {@code /proc/buddyinfo}.
 *
 * <p>The zone is read frame by frame while others allocate and free, so that the numbers may be
 * stale and need not fit each other; at quiescence they are exact.
 */
public final class BuddyInfo {
    /** The largest order. */
    public static final int ORDER_MAX = BuddyZone.ORDER_MAX;

    /** {@link #fragmentationIndex}: a block of that order is free. */
    public static final int WOULD_SUCCEED = -1000;

    private final int[] blocks;

    BuddyInfo(int[] blocks) {
        this.blocks = blocks;
    }

    /**
     * How many blocks of exactly this order are free.
     *
     * @param order 0..{@link #ORDER_MAX}
     * @return at least 0
     */
    public int freeBlocks(int order) {
        return blocks[checkOrder(order)];
    }

    /**
     * How many blocks of each order are free.
     *
     * @return a copy: at place {@code order}, {@link #freeBlocks(int)}
     */
    public int[] freeBlocks() {
        return blocks.clone();
    }

    /**
     * How many frames are free.
     *
     * @return the sum over all orders
     */
    public int freeFrames() {
        return suitableFrames(0);
    }

    /**
     * The largest order of which a block is free.
     *
     * @return 0..{@link #ORDER_MAX}, or -1 when nothing is free
     */
    public int largestFreeOrder() {
        for (int order = ORDER_MAX; order >= 0; order--) {
            if (blocks[order] > 0) {
                return order;
            }
        }
        return -1;
    }

    /**
     * Why an allocation of this order would fail, in thousandths: towards 0, or a little below it,
     * for want of memory, towards 1000 for fragmentation. The number that Linux shows as {@code
     * extfrag_index}.
     *
     * @param order 0..{@link #ORDER_MAX}
     * @return -500..1000, or {@link #WOULD_SUCCEED}
     */
    public int fragmentationIndex(int order) {
        checkOrder(order);
        long freeBlocks = Arrays.stream(blocks).asLongStream().sum();
        if (freeBlocks == 0) {
            return 0;
        }
        if (suitableFrames(order) > 0) {
            return WOULD_SUCCEED;
        }
        long requests = (freeFrames() * 1000L) >> order;
        return (int) (1000 - (1000 + requests) / freeBlocks);
    }

    /**
     * The share of free frames that is of no use to an allocation of this order, in thousandths.
     * The number that Linux shows as {@code unusable_index}.
     *
     * @param order 0..{@link #ORDER_MAX}
     * @return 0..1000; 1000 when nothing is free
     */
    public int unusableIndex(int order) {
        checkOrder(order);
        int free = freeFrames();
        return free == 0 ? 1000 : (int) ((free - suitableFrames(order)) * 1000L / free);
    }

    private static int checkOrder(int order) {
        if (order < 0 || order > ORDER_MAX) {
            throw new IllegalArgumentException(
                    "order must be 0.." + ORDER_MAX + ": order=" + order);
        }
        return order;
    }

    private int suitableFrames(int orderMin) {
        int frames = 0;
        for (int order = orderMin; order <= ORDER_MAX; order++) {
            frames += blocks[order] << order;
        }
        return frames;
    }

    /**
     * The blocks by order in one line.
     *
     * @return for example {@code free blocks by order 0..10: 1 0 1 1 0 0 0 0 0 0 3}
     */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder("free blocks by order 0..10:");
        for (int count : blocks) {
            line.append(' ').append(count);
        }
        return line.toString();
    }
}
