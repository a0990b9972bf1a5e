package dev.quire.pagecache.space;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Who may hold a latch: asked before a thread sleeps, so that nobody waits for himself. Latching
 * itself records nothing here, unless the holder comes from another thread; those of the thread are
 * asked what they hold.
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

    // Those that each thread latched through last, whether they hold a latch now or not.
    private final ConcurrentMap<Long, Set<Holder>> holders = new ConcurrentHashMap<>();

    /** Nobody yet. */
    public LatchHolders() {}

    /**
     * The calling thread is going to latch pages through a holder. Called when it is another thread
     * than the time before, so that most latches cost nothing here.
     *
     * @param holder may hold latches
     * @param before the thread before; 0 when there was none
     */
    public void add(Holder holder, long before) {
        remove(holder, before);
        holders.compute(
                Thread.currentThread().threadId(),
                (thread, known) -> {
                    Set<Holder> all = known == null ? ConcurrentHashMap.newKeySet() : known;
                    all.add(holder);
                    return all;
                });
    }

    /**
     * A holder no longer.
     *
     * @param holder holds none
     * @param thread the last one that latched through it; 0 when there was none
     */
    public void remove(Holder holder, long thread) {
        if (thread != 0) {
            holders.computeIfPresent(
                    thread,
                    (same, all) -> {
                        all.remove(holder);
                        return all.isEmpty() ? null : all;
                    });
        }
    }

    private Set<Holder> mine() {
        return holders.getOrDefault(Thread.currentThread().threadId(), Set.of());
    }

    /**
     * How many threads are known.
     *
     * @return those that have latched through a holder that is still in use
     */
    int threads() {
        return holders.size();
    }

    /**
     * Whether the calling thread holds a latch of this cache.
     *
     * @return true if so
     */
    public boolean anyMine() {
        for (Holder holder : mine()) {
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
        for (Holder holder : mine()) {
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
        for (Holder holder : mine()) {
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
