package dev.quire.pagecache.lru;

import dev.quire.allocator.frame.FrameTable;

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
}
