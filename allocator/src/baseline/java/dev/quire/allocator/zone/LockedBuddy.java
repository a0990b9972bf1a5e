package dev.quire.allocator.zone;

import dev.quire.allocator.frame.FrameTable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A buddy zone of classic free lists: one list an order, split and merge under one lock.
 *
 * <p>The lists are linked through the frame table's link columns, which nobody else uses while a
 * frame is free; the zone itself keeps one byte a frame.
 */
public final class LockedBuddy implements BuddyZone {
    /*
     * freeOrders[head] is the order of the free block that begins at head, or NOT_HEAD: for tails of
     * free blocks and for everything handed out. It is the truth; lists and counts follow from it.
     * Lists are last in, first out, so that memory that was just touched is used first; the initial
     * blocks lie in order of address.
     */
    private static final byte NOT_HEAD = -1;
    private static final VarHandle FREE_FRAMES;

    static {
        try {
            FREE_FRAMES =
                    MethodHandles.lookup()
                            .findVarHandle(LockedBuddy.class, "freeFrames", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Object lock = new Object();
    private final FrameTable links;
    private final int frameCount;
    private final byte[] freeOrders;
    private final int[] firsts = new int[ORDER_MAX + 1];
    private final int[] blocks = new int[ORDER_MAX + 1];

    /** Bit o is set if and only if list o is not empty. */
    private int nonEmpty;

    /** Stored under the lock, loaded by anybody. */
    private int freeFrames;

    /**
     * A zone whose frames are all free.
     *
     * @param frames the table that describes them, and whose links the zone uses while a frame is
     *     free
     */
    public LockedBuddy(FrameTable frames) {
        links = frames;
        frameCount = frames.frameCount();
        freeOrders = new byte[frameCount];
        Arrays.fill(freeOrders, NOT_HEAD);
        Arrays.fill(firsts, NO_FRAME);
        synchronized (lock) {
            addAll();
        }
    }

    /**
     * Cuts the region into the largest aligned blocks, from the end, so that list order is address
     * order.
     */
    private void addAll() {
        int end = frameCount;
        while (end > 0) {
            int order = Math.min(ORDER_MAX, Integer.numberOfTrailingZeros(end));
            end -= 1 << order;
            push(end, order);
        }
        FREE_FRAMES.setOpaque(this, frameCount);
    }

    @Override
    public int allocate(int order, int keepFrames, int stripe) {
        checkOrder(order);
        synchronized (lock) {
            if (freeFrames - (1 << order) < keepFrames) {
                return NO_FRAME;
            }
            return take(order);
        }
    }

    @Override
    public int allocateBatch(int[] frames, int from, int count, int keepFrames, int stripe) {
        synchronized (lock) {
            int taken = Math.clamp((long) freeFrames - keepFrames, 0, count);
            for (int i = 0; i < taken; i++) {
                frames[from + i] = take(0);
            }
            return taken;
        }
    }

    /** The smallest block that is large enough, its upper halves given back to the lists. */
    private int take(int order) {
        int candidates = nonEmpty >>> order;
        if (candidates == 0) {
            return NO_FRAME;
        }
        int found = order + Integer.numberOfTrailingZeros(candidates);
        int head = firsts[found];
        unlink(head, found);
        while (found > order) {
            found--;
            push(head + (1 << found), found);
        }
        FREE_FRAMES.setOpaque(this, freeFrames - (1 << order));
        return head;
    }

    @Override
    public boolean allocateAt(int head, int order, int keepFrames) {
        checkOrder(order);
        synchronized (lock) {
            if (!isBlock(head, order) || freeFrames - (1 << order) < keepFrames) {
                return false;
            }
            // Free buddies are merged, so that what is all free lies in one free block.
            int at = order;
            while (at <= ORDER_MAX && freeOrders[head & -(1 << at)] != at) {
                at++;
            }
            if (at > ORDER_MAX) {
                return false;
            }
            unlink(head & -(1 << at), at);
            while (at > order) {
                at--;
                push((head & -(1 << at)) ^ (1 << at), at);
            }
            FREE_FRAMES.setOpaque(this, freeFrames - (1 << order));
            return true;
        }
    }

    @Override
    public boolean free(int head, int order) {
        checkOrder(order);
        synchronized (lock) {
            return give(head, order);
        }
    }

    @Override
    public int freeBatch(int[] heads, int from, int count, int order) {
        checkOrder(order);
        synchronized (lock) {
            for (int i = from; i < from + count; i++) {
                if (!give(heads[i], order)) {
                    return i;
                }
            }
            return from + count;
        }
    }

    private boolean give(int head, int order) {
        if (!isBlock(head, order) || anyFree(head, order)) {
            return false;
        }
        int merged = head;
        int at = order;
        while (at < ORDER_MAX) {
            int buddy = merged ^ (1 << at);
            if (buddy >= frameCount || freeOrders[buddy] != at) {
                break;
            }
            unlink(buddy, at);
            merged &= buddy;
            at++;
        }
        push(merged, at);
        FREE_FRAMES.setOpaque(this, freeFrames + (1 << order));
        return true;
    }

    private boolean isBlock(int head, int order) {
        int length = 1 << order;
        return head >= 0 && head <= frameCount - length && (head & (length - 1)) == 0;
    }

    /** Whether the block lies within a free one, or a free one lies within it. */
    private boolean anyFree(int head, int order) {
        if (within(head, order)) {
            return true;
        }
        for (int frame = head + 1; frame < head + (1 << order); frame++) {
            if (freeOrders[frame] != NOT_HEAD) {
                return true;
            }
        }
        return order > 0 && freeOrders[head] != NOT_HEAD;
    }

    /** Whether a free block of at least this order covers the frame. */
    private boolean within(int frame, int orderMin) {
        for (int order = orderMin; order <= ORDER_MAX; order++) {
            if (freeOrders[frame & -(1 << order)] == order) {
                return true;
            }
        }
        return false;
    }

    private void push(int head, int order) {
        int second = firsts[order];
        links.prev(head, NO_FRAME);
        links.next(head, second);
        if (second != NO_FRAME) {
            links.prev(second, head);
        }
        firsts[order] = head;
        freeOrders[head] = (byte) order;
        blocks[order]++;
        nonEmpty |= 1 << order;
    }

    private void unlink(int head, int order) {
        int prev = links.prev(head);
        int next = links.next(head);
        if (prev == NO_FRAME) {
            firsts[order] = next;
        } else {
            links.next(prev, next);
        }
        if (next != NO_FRAME) {
            links.prev(next, prev);
        }
        links.next(head, NO_FRAME);
        links.prev(head, NO_FRAME);
        freeOrders[head] = NOT_HEAD;
        if (--blocks[order] == 0) {
            nonEmpty &= ~(1 << order);
        }
    }

    @Override
    public int frameCount() {
        return frameCount;
    }

    @Override
    public int freeFrames() {
        return (int) FREE_FRAMES.getOpaque(this);
    }

    @Override
    public void freeBlocks(int[] blocks) {
        synchronized (lock) {
            System.arraycopy(this.blocks, 0, blocks, 0, ORDER_MAX + 1);
        }
    }

    @Override
    public boolean isFree(int frame) {
        synchronized (lock) {
            return within(frame, 0);
        }
    }

    @Override
    public long metadataBytes() {
        return frameCount;
    }

    @Override
    public void verify() {
        synchronized (lock) {
            int free = 0;
            for (int order = 0; order <= ORDER_MAX; order++) {
                free += verifyList(order) << order;
            }
            check(free == freeFrames, "I6 free counter", freeFrames, free);
            int heads = 0;
            for (int frame = 0; frame < frameCount; frame++) {
                heads += freeOrders[frame] == NOT_HEAD ? 0 : 1;
            }
            check(heads == Arrays.stream(blocks).sum(), "free heads", heads, free);
        }
    }

    private int verifyList(int order) {
        int length = 0;
        int prev = NO_FRAME;
        for (int head = firsts[order]; head != NO_FRAME; head = links.next(head)) {
            check(isBlock(head, order), "I4 a free block is aligned and inside", head, order);
            check(freeOrders[head] == order, "I4 a free head carries its order", head, order);
            check(links.prev(head) == prev, "a list is linked both ways", head, order);
            check(!anyFreeTail(head, order), "free blocks do not overlap", head, order);
            check(!within(head, order + 1), "free blocks do not overlap", head, order);
            check(!buddyIsFree(head, order), "free buddies are merged", head, order);
            prev = head;
            length++;
            check(length <= frameCount, "a list has an end", head, order);
        }
        check(length == blocks[order], "blocks counter", length, order);
        check((length > 0) == (((nonEmpty >>> order) & 1) == 1), "list mask", length, order);
        return length;
    }

    private boolean anyFreeTail(int head, int order) {
        for (int frame = head + 1; frame < head + (1 << order); frame++) {
            if (freeOrders[frame] != NOT_HEAD) {
                return true;
            }
        }
        return false;
    }

    private boolean buddyIsFree(int head, int order) {
        int buddy = head ^ (1 << order);
        return order < ORDER_MAX && buddy < frameCount && freeOrders[buddy] == order;
    }

    @Override
    public String toString() {
        return "LockedBuddy[free=" + freeFrames() + " of " + frameCount + "]";
    }

    private static void checkOrder(int order) {
        if (order < 0 || order > ORDER_MAX) {
            throw new IllegalArgumentException(
                    "order must be 0.." + ORDER_MAX + ": order=" + order);
        }
    }

    private static void check(boolean holds, String rule, int frame, int order) {
        if (!holds) {
            throw new AssertionError(rule + ": " + frame + ", " + order);
        }
    }
}
