package dev.quire.pagecache.lru;

/** A replacement policy: orders the frames of a cache by how soon they should go. Thread-safe. */
public interface Replacement {
    /**
     * Takes in a page that was just brought in, and sets its LRU flag.
     *
     * @param frame a frame that the caller holds LOCKED and referenced
     * @param shadow what {@link #leave} answered when the page left, or -1 when nothing is known
     * @return whether the page came back so soon that it counts as in use
     */
    boolean insert(int frame, long shadow);

    /**
     * A page is leaving by eviction.
     *
     * @param frame a frame that the caller froze
     * @return at least 0 and less than 2^60: to be kept in its slot and given to {@link #insert}
     */
    long leave(int frame);

    /**
     * Claims the frames that should go first. They are off the lists, and the caller has a
     * reference to each, until it gives them back with {@link #putBack} or evicts them.
     *
     * @param batch receives the frames
     * @param max how many at most
     * @return how many; 0 when there are none
     */
    int isolate(int[] batch, int max);

    /**
     * Gives back a frame that was isolated and cannot go now. The caller keeps its reference and
     * drops it afterwards.
     *
     * @param frame a frame from {@link #isolate}
     * @param used whether it was in use, rather than in the way
     */
    void putBack(int frame, boolean used);

    /**
     * Takes a page off the lists because it is removed.
     *
     * @param frame a frame that the caller holds LOCKED and referenced
     * @return whether it was there; the caller then has one more reference
     */
    boolean remove(int frame);

    /**
     * Takes a frame off the lists whose last reference was dropped while it was there (S1).
     *
     * @param frame a frame that was DEFERRED
     * @return whether it is now FROZEN and the caller's
     */
    boolean removeDeferred(int frame);

    /**
     * How many frames are on the lists.
     *
     * @return at least 0
     */
    int size();

    /**
     * The frames on the lists at this moment, those of the main list first, in each list the newest
     * first. Whoever needs a list meanwhile waits, about 0.1 microseconds a frame.
     *
     * @param into receives the frames; those that do not fit are left out
     * @return how many
     */
    int snapshot(int[] into);

    /**
     * Checks that lists and LRU flags agree (I2). Exact only while nothing else runs.
     *
     * @throws AssertionError naming the frame that breaks the rule
     */
    void verify();
}
