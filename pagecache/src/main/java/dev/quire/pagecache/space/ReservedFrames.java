package dev.quire.pagecache.space;

import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Frames taken ahead for one thread's pages, and where the frames of new pages come from. */
public final class ReservedFrames implements AutoCloseable {
    /** Where the frames of new pages come from: the thread's reservation, then the allocator. */
    public static final class Source {
        private final PageAllocator allocator;
        private final LatchHolders latches;
        private final ConcurrentMap<Thread, ReservedFrames> newest = new ConcurrentHashMap<>();

        Source(PageAllocator allocator, LatchHolders latches) {
            this.allocator = allocator;
            this.latches = latches;
        }

        /**
         * A frame for a page that is about to come in.
         *
         * @return a frame with one reference, the caller's
         * @throws dev.quire.allocator.OutOfFramesException if there is none
         */
        public int take() {
            // Empty but for the moments in which somebody splits a node.
            for (ReservedFrames r = newest.isEmpty() ? null : newest.get(Thread.currentThread());
                    r != null;
                    r = r.outer) {
                if (r.remaining > 0) {
                    return r.frames[--r.remaining];
                }
            }
            return allocate();
        }

        private int allocate() {
            int frame = allocator.frame(allocator.tryAllocate(0));
            if (frame != PageAllocator.NO_FRAME) {
                return frame;
            }
            latches.giveWay(); // the page that can be taken may be one that this thread reads
            return allocator.frame(allocator.allocate(0));
        }

        /**
         * Takes a frame back that was taken in vain: the thread's reservation is as large as
         * before.
         *
         * @param frame from {@link #take}, with one reference
         */
        public void giveBack(int frame) {
            for (ReservedFrames r = newest.isEmpty() ? null : newest.get(Thread.currentThread());
                    r != null;
                    r = r.outer) {
                if (r.remaining < r.frames.length) {
                    r.frames[r.remaining++] = frame;
                    return;
                }
            }
            allocator.put(frame);
        }

        /**
         * Takes frames ahead for the calling thread.
         *
         * @param count how many, 1 to half of the frames that may be used
         * @return the frames
         * @throws dev.quire.allocator.OutOfFramesException if there are not so many; none is taken
         */
        public ReservedFrames reserve(int count) {
            int max = allocator.limitFrames() / 2;
            if (count < 1 || count > max) {
                throw new IllegalArgumentException(
                        "a reservation must be of 1.." + max + " frames: frames=" + count);
            }
            Thread thread = Thread.currentThread();
            ReservedFrames reserved = new ReservedFrames(this, thread, newest.get(thread), count);
            try {
                while (reserved.remaining < count) {
                    reserved.frames[reserved.remaining] = allocate();
                    reserved.remaining++;
                }
            } catch (RuntimeException | Error e) {
                reserved.giveBack();
                throw e;
            }
            newest.put(thread, reserved);
            return reserved;
        }
    }

    private final Source source;
    private final Thread thread;
    private final @Nullable ReservedFrames outer;
    private final int[] frames;
    private int remaining;
    private boolean closed;

    private ReservedFrames(
            Source source, Thread thread, @Nullable ReservedFrames outer, int count) {
        this.source = source;
        this.thread = thread;
        this.outer = outer;
        frames = new int[count];
    }

    /**
     * How many are left.
     *
     * @return at least 0
     */
    public int remaining() {
        return remaining;
    }

    /**
     * Gives back what is left.
     *
     * @throws IllegalStateException if another thread calls it, or a later reservation of this
     *     thread is still open
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        Thread caller = Thread.currentThread();
        if (!caller.equals(thread)) {
            throw new IllegalStateException(
                    "a reservation is closed by the thread that made it: thread="
                            + thread.getName()
                            + ", caller="
                            + caller.getName());
        }
        if (!equals(source.newest.get(thread))) {
            throw new IllegalStateException(
                    "a later reservation of this thread is still open: remaining=" + remaining);
        }
        closed = true;
        if (outer == null) {
            source.newest.remove(thread);
        } else {
            source.newest.put(thread, outer);
        }
        giveBack();
    }

    private void giveBack() {
        while (remaining > 0) {
            source.allocator.put(frames[--remaining]);
        }
    }
}
