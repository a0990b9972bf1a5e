package dev.quire.pagecache.lru;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.function.IntPredicate;

/** A doubly linked list of frames, linked through the side table. Guarded by its user's lock. */
final class FrameList {
    private final FrameTable frames;
    private int head = FrameTable.NO_FRAME;
    private int tail = FrameTable.NO_FRAME;
    private int size;

    FrameList(FrameTable frames) {
        this.frames = frames;
    }

    int size() {
        return size;
    }

    int tail() {
        return tail;
    }

    void addFirst(int frame) {
        frames.prev(frame, FrameTable.NO_FRAME);
        frames.next(frame, head);
        if (head == FrameTable.NO_FRAME) {
            tail = frame;
        } else {
            frames.prev(head, frame);
        }
        head = frame;
        size++;
    }

    void unlink(int frame) {
        int prev = frames.prev(frame);
        int next = frames.next(frame);
        if (prev == FrameTable.NO_FRAME) {
            head = next;
        } else {
            frames.next(prev, next);
        }
        if (next == FrameTable.NO_FRAME) {
            tail = prev;
        } else {
            frames.prev(next, prev);
        }
        frames.prev(frame, FrameTable.NO_FRAME);
        frames.next(frame, FrameTable.NO_FRAME);
        size--;
    }

    /** Puts a frame where another one is, which is off the list then. */
    void replace(int from, int to) {
        int prev = frames.prev(from);
        int next = frames.next(from);
        frames.prev(to, prev);
        frames.next(to, next);
        if (prev == FrameTable.NO_FRAME) {
            head = to;
        } else {
            frames.next(prev, to);
        }
        if (next == FrameTable.NO_FRAME) {
            tail = to;
        } else {
            frames.prev(next, to);
        }
        frames.prev(from, FrameTable.NO_FRAME);
        frames.next(from, FrameTable.NO_FRAME);
    }

    void rotate(int frame) {
        unlink(frame);
        addFirst(frame);
    }

    /** Copies its frames from the first to the last; answers the index behind what was filled. */
    int copy(int[] into, int from) {
        int at = from;
        for (int frame = head; frame != FrameTable.NO_FRAME && at < into.length; at++) {
            into[at] = frame;
            frame = frames.next(frame);
        }
        return at;
    }

    /**
     * Checks the links, and that every frame has its LRU flag and belongs here (I2).
     *
     * @return how many frames are linked
     * @throws AssertionError naming the frame that breaks the rule
     */
    int verify(IntPredicate belongsHere) {
        int count = 0;
        int after = FrameTable.NO_FRAME;
        for (int frame = tail; frame != FrameTable.NO_FRAME; frame = frames.prev(frame)) {
            boolean right =
                    FrameState.any(frames.word(frame), FrameState.LRU)
                            && frames.next(frame) == after
                            && belongsHere.test(frame);
            if (!right || ++count > size) {
                throw new AssertionError("I2: wrongly linked: frame=" + frames.describe(frame));
            }
            after = frame;
        }
        if (count != size || after != head) {
            throw new AssertionError("I2: list size=" + size + ", frames linked=" + count);
        }
        return count;
    }

    /** Checks that as many frames have their LRU flag as are linked (I2). */
    static void verifyFlags(FrameTable frames, int linked) {
        int flagged = 0;
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            flagged += FrameState.any(frames.word(frame), FrameState.LRU) ? 1 : 0;
        }
        if (linked != flagged) {
            throw new AssertionError(
                    "I2: frames with LRU set=" + flagged + ", frames linked=" + linked);
        }
    }
}
