package dev.quire.pagecache;

import dev.quire.pagecache.space.ReservedFrames;

/**
 * Frames that are promised to the thread that took them, before an operation over several pages
 * that must not fail half-way for want of memory: a split, say. Until it is closed, every page that
 * this thread brings into the cache, by a fault or by {@link PageCursor#create}, takes its frame
 * from here first. What is left is given back at the end.
 *
 * <pre>{@code
 * try (Reservation r = cache.reserve(3)) {
 *     left.create(file.append());
 *     right.create(file.append());
 *     parent.write(parentPage);
 * }
 * }</pre>
 */
public final class Reservation implements AutoCloseable {
    private final ReservedFrames frames;

    Reservation(ReservedFrames frames) {
        this.frames = frames;
    }

    /**
     * How many frames are left.
     *
     * @return 0 up to what was asked for
     */
    public int remaining() {
        return frames.remaining();
    }

    /**
     * Gives back what is left. By the thread that made the reservation, before any that it made
     * earlier. Idempotent.
     *
     * @throws IllegalStateException if another thread calls it, or a later reservation of this
     *     thread is still open
     */
    @Override
    public void close() {
        frames.close();
    }

    @Override
    public String toString() {
        return "Reservation[remaining=" + remaining() + "]";
    }
}
