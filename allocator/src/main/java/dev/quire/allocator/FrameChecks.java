package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;
import static dev.quire.allocator.PageAllocator.ORDER_MAX;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * What callers pass as frames: makes frame numbers of it, and puts into words what is wrong with
 * it.
 */
final class FrameChecks {
    private static final long UNOWNED =
            FrameState.SPARE | FrameState.FROZEN | FrameState.DEFERRED | FrameState.QUARANTINED;

    private final FrameTable frames;
    private final @Nullable DebugModes debug;
    private final BadPages badPages;

    FrameChecks(FrameTable frames, @Nullable DebugModes debug, BadPages badPages) {
        this.frames = frames;
        this.debug = debug;
        this.badPages = badPages;
    }

    // ---- frames

    /** The frame number; throws for what is no frame, and for a handle of an earlier life. */
    int check(int handle) {
        return isFrame(handle) ? handle : frame(handle);
    }

    private boolean isFrame(int frame) {
        return frame >= 0 && frame < frames.frameCount();
    }

    /** As {@link #check}, for what is likely to be a handle. */
    int frame(int handle) {
        int frame = frameOfAnyLife(handle);
        String staleness = staleness(handle);
        if (staleness != null) {
            throw new IllegalStateException(reportStale(frame, staleness));
        }
        return frame;
    }

    /** As {@link #check}, and NO_FRAME for a handle of an earlier life: nobody's mistake. */
    int currentOrNone(int handle) {
        if (isFrame(handle)) {
            return handle;
        }
        int frame = frameOfAnyLife(handle);
        return staleness(handle) == null ? frame : NO_FRAME;
    }

    /** As {@link #check}, where nothing may be thrown: NO_FRAME when it was reported. */
    int orReport(int handle) {
        if (isFrame(handle)) {
            return handle;
        }
        int frame = debug == null ? handle : debug.frame(handle);
        if (!isFrame(frame)) {
            badPages.report("free of what is no frame", "frame=" + handle);
            return NO_FRAME;
        }
        String staleness = staleness(handle);
        if (staleness != null) {
            reportStale(frame, staleness);
            return NO_FRAME;
        }
        return frame;
    }

    private int frameOfAnyLife(int handle) {
        int frame = debug == null ? handle : debug.frame(handle);
        if (!isFrame(frame)) {
            throw new IllegalArgumentException(
                    "frame must be 0.." + (frames.frameCount() - 1) + ": frame=" + handle);
        }
        return frame;
    }

    private @Nullable String staleness(int handle) {
        return debug == null ? null : debug.staleness(handle);
    }

    private String reportStale(int frame, String staleness) {
        String state = frames.describe(frame) + ", " + staleness;
        return badPages.report("stale handle", frame, frames.word(frame), state);
    }

    /** What stands for a frame outside. */
    int handle(int frame) {
        return debug == null ? frame : debug.handle(frame);
    }

    /** The order of an allocated block's head; throws for anything else. */
    int orderOf(int head) {
        int order = frames.order(head);
        if (order < 0 || order > ORDER_MAX || frames.word(head) == FrameState.SPARE) {
            throw new IllegalStateException(
                    "frame must be the head of an allocated block: frame=" + frames.describe(head));
        }
        return order;
    }

    // ---- batches

    static void checkBatch(int[] frames, int from, int count) {
        if (from < 0 || count < 0 || from > frames.length - count) {
            throw new IllegalArgumentException(
                    "batch must lie in the array: from="
                            + from
                            + ", count="
                            + count
                            + ", length="
                            + frames.length);
        }
    }

    /** All of them before the first is put: none may stay half freed. */
    void checkAll(int[] handles, int from, int count) {
        checkBatch(handles, from, count);
        for (int i = from; i < from + count; i++) {
            if (!isFrame(handles[i])) {
                frameOfAnyLife(handles[i]);
            }
        }
    }

    /** The frames of a batch, without the stale handles, which are reported. */
    int[] current(int[] handles, int from, int count) {
        int[] current = new int[count];
        int size = 0;
        for (int i = from; i < from + count; i++) {
            int frame = orReport(handles[i]);
            if (frame != NO_FRAME) {
                current[size++] = frame;
            }
        }
        return Arrays.copyOf(current, size);
    }

    // ---- misuse

    /** Reports an operation that the frame's word refused. */
    IllegalStateException misuse(String operation, int frame) {
        return new IllegalStateException(reportMisuse(operation, frame));
    }

    /** As {@link #misuse}, where nothing may be thrown. */
    String reportMisuse(String operation, int frame) {
        return badPages.report(rule(operation, frame), frame);
    }

    /** Reports what is found where nothing may be thrown, or before it is. */
    String report(String rule, int frame) {
        return badPages.report(rule, frame);
    }

    /** As the other, for memory that is no frame. */
    void report(String rule, String memory) {
        badPages.report(rule, memory);
    }

    /** What was wrong with an operation that the frame's word refused. */
    String rule(String operation, int frame) {
        long word = frames.word(frame);
        String what;
        if (frames.order(frame) == FrameTable.ORDER_TAIL) {
            what = "a tail";
        } else if (word == FrameState.FREE || word == FrameState.SPARE) {
            what = "a free frame";
        } else if (FrameState.refs(word) == 0) {
            what = "a frame that is " + FrameState.flagNames(word & UNOWNED);
        } else {
            what = "a frame whose counts do not allow it";
        }
        return operation + " of " + what;
    }
}
