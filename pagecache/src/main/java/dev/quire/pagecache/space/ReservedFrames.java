package dev.quire.pagecache.space;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.lru.Replacement;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Frames taken ahead for one thread's pages, and where the frames of new pages come from. */
public final class ReservedFrames implements AutoCloseable {
    /** Where the frames of new pages come from: the thread's reservation, then the allocator. */
    public static final class Source {
        /** As often is looked again when every page is in use, and the lists are taken. */
        private static final int HELD_UP_TRIES_MAX = 10;

        private final PageAllocator allocator;
        private final LatchHolders latches;
        private final Callbacks callbacks;
        private final Replacement lru;
        private final Takeover takeover;
        private final ConcurrentMap<Thread, ReservedFrames> newest = new ConcurrentHashMap<>();

        Source(CacheContext context) {
            allocator = context.allocator();
            latches = context.latches();
            callbacks = context.callbacks();
            lru = context.lru();
            takeover = new Takeover(context);
        }

        /**
         * A frame for a page that is about to come in.
         *
         * @return a frame for {@link Fill#insert}, with one reference, the caller's; or FROZEN, the
         *     caller's, and still on a list
         * @throws dev.quire.allocator.OutOfFramesException if there is none
         */
        public int take() {
            for (ReservedFrames r = newestOfCaller(); r != null; r = r.outer) {
                if (r.remaining > 0) {
                    return r.frames[--r.remaining];
                }
            }
            int frame = tryAllocate();
            return frame == PageAllocator.NO_FRAME ? allocate(!callbacks.inside()) : frame;
        }

        private int tryAllocate() {
            int frame = allocator.frame(allocator.tryAllocate(0));
            if (frame == PageAllocator.NO_FRAME) {
                // The page that can be taken may be one that this thread reads.
                latches.giveWay();
            }
            return frame;
        }

        /** Reclaims, and waits for write-back; but not for who is held up with the lists. */
        private int allocate(boolean mayTakeOver) {
            for (int tries = 0; ; tries++) {
                boolean heldUp = mayTakeOver && lru.heldUp();
                int frame = heldUp ? takeover.take() : PageAllocator.NO_FRAME;
                if (frame != PageAllocator.NO_FRAME) {
                    return frame;
                }
                try {
                    return allocator.frame(allocator.allocate(0));
                } catch (OutOfFramesException e) {
                    if (tries == HELD_UP_TRIES_MAX || callbacks.inside() || !lru.heldUp()) {
                        throw e;
                    }
                }
            }
        }

        /**
         * Takes a frame back that was taken in vain: the thread's reservation is as large as
         * before.
         *
         * @param frame from {@link #take}
         */
        public void giveBack(int frame) {
            long word = allocator.frames().word(frame);
            if (FrameState.any(word, FrameState.FROZEN)) {
                takeover.giveBack(frame);
                return;
            }
            // One that was taken over may be on a list, and is no frame to keep.
            if (!FrameState.any(word, FrameState.LRU)) {
                for (ReservedFrames r = newestOfCaller(); r != null; r = r.outer) {
                    if (r.tryGiveBack(frame)) {
                        return;
                    }
                }
            }
            allocator.put(frame);
        }

        /** Empty but for the moments in which somebody splits a node. */
        private @Nullable ReservedFrames newestOfCaller() {
            return newest.isEmpty() ? null : newest.get(Thread.currentThread());
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
                    int frame = tryAllocate();
                    boolean free = frame != PageAllocator.NO_FRAME;
                    reserved.frames[reserved.remaining] = free ? frame : allocate(false);
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

    /** Takes a frame back if it was one of these. */
    private boolean tryGiveBack(int frame) {
        for (int i = remaining; i < frames.length; i++) {
            if (frames[i] == frame) {
                frames[i] = frames[remaining];
                frames[remaining++] = frame;
                return true;
            }
        }
        return false;
    }

    private void giveBack() {
        while (remaining > 0) {
            source.allocator.put(frames[--remaining]);
        }
    }
}
