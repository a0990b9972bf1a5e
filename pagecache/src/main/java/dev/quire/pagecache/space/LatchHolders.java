package dev.quire.pagecache.space;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who may hold a latch: asked before a thread sleeps, so that nobody waits for himself. Latching
 * itself records nothing here; each holder is asked what it holds.
 */
public final class LatchHolders {
    /** Something that latches pages for the thread that uses it: a cursor. */
    public interface Holder {
        /**
         * Whether the calling thread holds a latch through this holder.
         *
         * @return true if so
         */
        boolean latchedByCurrentThread();

        /**
         * The frame that is latched.
         *
         * @return a frame; meaningful only to the thread that latched it
         */
        int latchedFrame();

        /**
         * Gives back a latch of the calling thread that nobody asked for: a starved reader's. What
         * it read then has to be read again.
         */
        void giveWay();
    }

    private final Set<Holder> holders = ConcurrentHashMap.newKeySet();

    /** Nobody yet. */
    public LatchHolders() {}

    /**
     * A holder from now on.
     *
     * @param holder may hold latches
     */
    public void add(Holder holder) {
        holders.add(holder);
    }

    /**
     * A holder no longer.
     *
     * @param holder holds none
     */
    public void remove(Holder holder) {
        holders.remove(holder);
    }

    /**
     * Whether the calling thread holds a latch of this cache.
     *
     * @return true if so
     */
    public boolean anyMine() {
        for (Holder holder : holders) {
            if (holder.latchedByCurrentThread()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The calling thread is about to sleep: starved readers of this thread let writers in again,
     * one of whom it may be going to wait for.
     */
    public void giveWay() {
        for (Holder holder : holders) {
            if (holder.latchedByCurrentThread()) {
                holder.giveWay();
            }
        }
    }

    /**
     * Fails if the calling thread holds a latch on a frame: it would sleep for ever.
     *
     * @param frame the frame it is about to wait for
     */
    public void checkNotMine(int frame) {
        for (Holder holder : holders) {
            if (holder.latchedByCurrentThread() && holder.latchedFrame() == frame) {
                throw new IllegalStateException(
                        "page is latched by this thread already, through another cursor: "
                                + holder);
            }
        }
    }

    /**
     * Fails if the calling thread holds any latch: what it is about to do waits for latches.
     *
     * @param operation its name, for the message
     */
    public void checkNoneMine(String operation) {
        giveWay();
        if (anyMine()) {
            throw new IllegalStateException(
                    operation + " waits for latches, and this thread holds one: release it first");
        }
    }
}
