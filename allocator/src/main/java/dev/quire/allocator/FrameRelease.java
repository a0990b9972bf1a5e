package dev.quire.allocator;

import dev.quire.allocator.cache.FrameCache;
import dev.quire.allocator.cache.FrameSink;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.allocator.zone.BuddyZone;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;

/**
 * The end of a block's use: the checks of Linux's {@code free_pages_prepare}, then back to the
 * zone.
 *
 * <p>What fails a check is reported and, if it was the caller's to free, quarantined; nothing is
 * thrown, so that a last put is legal anywhere.
 */
final class FrameRelease implements FrameSink {
    private static final String NOT_FREE = "allocation of a free frame whose word is not 0";

    private final FrameTable frames;
    private final BuddyZone zone;
    private final BadPages badPages;
    private final @Nullable DebugModes debug;
    private final AtomicInteger quarantinedFrames = new AtomicInteger();
    private final LongAdder frees = new LongAdder();
    private final IntUnaryOperator retire = this::retire;

    FrameRelease(FrameTable frames, BuddyZone zone, BadPages badPages, @Nullable DebugModes debug) {
        this.frames = frames;
        this.zone = zone;
        this.badPages = badPages;
        this.debug = debug;
    }

    /**
     * Puts the last reference of a block that nobody marked in any way, and keeps the block in a
     * cache; the checks are those of {@link #freeFrozen}, but for a block longer than its order.
     *
     * @return false, with nothing changed, when it has to go the long way
     */
    boolean keep(int head, FrameCache cache) {
        int order = frames.order(head);
        if (order == 0) {
            return frames.owner(head) == FrameTable.OWNER_NONE && cache.put(head, 0);
        }
        return columnFault(head, order) == null && cache.put(head, order);
    }

    /** From a frame cache: a block of another order than it looked for, with one reference. */
    @Override
    public void put(int head) {
        long word = frames.update(head, FrameState::put);
        if (word != FrameState.REFUSED && FrameState.reachedZero(word)) {
            freeFrozen(head);
            frees.decrement(); // Nobody had it in between.
        }
    }

    /** From a frame cache: a frame of a refill whose word is not a free frame's. */
    @Override
    public void discard(int frame) {
        long word = frames.word(frame);
        String state = frames.describe(frame);
        discard(frame, 0);
        badPages.report(NOT_FREE, frame, word, state);
    }

    /** From a frame cache. */
    @Override
    public void free(int head, int order) {
        markFree(head, order);
        if (!zone.free(head, order)) {
            badPages.report("double free", head);
        }
    }

    /** From a frame cache. */
    @Override
    public void freeBatch(int[] heads, int from, int count, int order) {
        for (int i = from; i < from + count; i++) {
            markFree(heads[i], order);
        }
        freeRun(heads, from, from + count, order);
    }

    /** Frees a block that the caller owns FROZEN. */
    void freeFrozen(int head) {
        int order = retire(head);
        if (order < 0) {
            return;
        }
        if (zone.free(head, order)) {
            frees.increment();
        } else {
            badPages.report("double free", head);
        }
    }

    /** Frees blocks that the caller owns FROZEN; runs of one order go to the zone together. */
    void freeFrozenBatch(int[] heads, int from, int count) {
        freeRetired(heads, from, count, retire);
    }

    /**
     * Frees blocks that a step takes out of use one by one.
     *
     * @param retire answers the order of a block that is now out of use and goes to the zone, or -1
     *     for one that was dealt with otherwise
     */
    void freeRetired(int[] heads, int from, int count, IntUnaryOperator retire) {
        int end = from + count;
        int runStart = from;
        int runOrder = -1;
        for (int i = from; i < end; i++) {
            int order = retire.applyAsInt(heads[i]);
            if (order != runOrder) {
                frees.add(freeRun(heads, runStart, i, runOrder));
                runStart = i;
                runOrder = order;
            }
        }
        frees.add(freeRun(heads, runStart, end, runOrder));
    }

    private int freeRun(int[] heads, int from, int end, int order) {
        int at = order < 0 ? end : from;
        int freed = at == end ? 0 : end - from;
        while (at < end) {
            at = zone.freeBatch(heads, at, end - at, order);
            if (at < end) {
                badPages.report("double free", heads[at]);
                freed--;
                at++;
            }
        }
        return freed;
    }

    /**
     * Takes a frame out of use that the caller owns FROZEN, and leaves it to him rather than to the
     * zone.
     *
     * @return false when a check failed, which is dealt with
     */
    boolean withdraw(int frame) {
        if (retire(frame) != 0) {
            return false;
        }
        frees.increment();
        return true;
    }

    /** Gives single frames to the zone that are out of use. */
    void giveBack(int[] frames, int count) {
        freeRun(frames, 0, count, 0);
    }

    /**
     * Puts the last reference of a block that nobody marked in any way, and takes the block out of
     * use, as {@link #retire}, in one step.
     *
     * @return its order; or -1, with nothing changed, when it has to go the long way
     */
    int putFree(int head) {
        int order = frames.order(head);
        if (debug != null // It needs the block FROZEN for a moment.
                || blockFault(head, order) != null
                || !frames.move(head, FrameState.LIVE, FrameState.FREE)) {
            return -1;
        }
        markFree(head, order);
        return order;
    }

    /**
     * Takes a block out of use: its words become free frames' words, its columns are cleared.
     *
     * @return its order; or -1 when a check failed, which is dealt with
     */
    private int retire(int head) {
        int order = frames.order(head);
        boolean good = blockFault(head, order) == null;
        if (debug != null && good && FrameState.free(frames.word(head)) != FrameState.REFUSED) {
            debug.freed(head, 1 << order);
        }
        if (!good || frames.update(head, FrameState::free) == FrameState.REFUSED) {
            refuse(head, order);
            return -1;
        }
        markFree(head, order);
        return order;
    }

    private void markFree(int head, int order) {
        frames.orders(head, head + (1 << order), FrameTable.ORDER_NONE);
    }

    private @Nullable String columnFault(int head, int order) {
        if (order < 0 || order > BuddyZone.ORDER_MAX) {
            return order == FrameTable.ORDER_TAIL ? "free of a tail" : "free of a free frame";
        }
        int length = 1 << order;
        if ((head & (length - 1)) != 0 || head > frames.frameCount() - length) {
            return "free of a block that is not aligned to its order";
        }
        if (frames.owner(head) != FrameTable.OWNER_NONE) {
            return "free of a page that still has an owner";
        }
        return frames.areTails(head + 1, head + length)
                ? null
                : "free of a block whose tails are not its own";
    }

    /** As columnFault, and one that is not looked for on the fast path. */
    private @Nullable String blockFault(int head, int order) {
        String fault = columnFault(head, order);
        return fault == null && hasMoreTails(head, order)
                ? "free of a block that is longer than its order"
                : fault;
    }

    private boolean hasMoreTails(int head, int order) {
        int end = head + (1 << order);
        return end < frames.frameCount() && frames.order(end) == FrameTable.ORDER_TAIL;
    }

    private void refuse(int head, int order) {
        long word = frames.word(head);
        String state = frames.describe(head);
        String fault = blockFault(head, order);
        // Not frozen: the block is somebody else's, or free. It stays as it is.
        boolean frozen = FrameState.any(word, FrameState.FROZEN);
        if (fault == null) {
            String flags = FrameState.flagNames(word & FrameState.BAD_AT_FREE);
            fault = frozen ? "free with " + flags + " set" : "free of a frame that is not frozen";
        }
        if (frozen) {
            int length = length(frames, head);
            if (debug != null) {
                debug.freeing(head, length);
            }
            if (frames.update(head, FrameRelease::quarantineFrozen) != FrameState.REFUSED) {
                quarantinedFrames.addAndGet(length);
            }
        }
        badPages.report(fault, head, word, state);
    }

    private static long quarantineFrozen(long word) {
        return FrameState.any(word, FrameState.FROZEN)
                ? FrameState.quarantine(word)
                : FrameState.REFUSED;
    }

    /**
     * Makes a block of free frames the caller's, with one reference.
     *
     * @return head; or NO_FRAME when it failed the check, which is dealt with
     */
    int own(int head, int order) {
        // The columns first: once the word has a reference, anybody may look at them.
        frames.order(head, order);
        frames.orders(head + 1, head + (1 << order), FrameTable.ORDER_TAIL);
        if (debug != null) {
            DebugModes.Damage damage = debug.damage(head, 1 << order);
            if (damage != null) {
                String state = damage.state(frames);
                discard(head, order);
                badPages.report(DebugModes.Damage.RULE, damage.frame(), 0, state);
                return PageAllocator.NO_FRAME;
            }
            debug.allocated(head, 1 << order);
        }
        if (frames.update(head, FrameState::allocate) == FrameState.REFUSED) {
            long word = frames.word(head);
            String state = frames.describe(head);
            discard(head, order);
            badPages.report(NOT_FREE, head, word, state);
            return PageAllocator.NO_FRAME;
        }
        return head;
    }

    /** Takes a block out of use for good that was free, and is not as it was left. */
    private void discard(int head, int order) {
        frames.update(head, FrameState::quarantine);
        quarantinedFrames.addAndGet(1 << order);
    }

    /** Blocks given back to the zone so far. */
    long frees() {
        return frees.sum();
    }

    int quarantinedFrames() {
        return quarantinedFrames.get();
    }

    /**
     * Frames of a block that is not free: the head and the tails behind it. Unlike the head's
     * order, which may be what is wrong with it.
     */
    static int length(FrameTable frames, int head) {
        int end = Math.min(frames.frameCount(), head + (1 << BuddyZone.ORDER_MAX));
        int tail = head + 1;
        while (tail < end && frames.order(tail) == FrameTable.ORDER_TAIL) {
            tail++;
        }
        return tail - head;
    }
}
