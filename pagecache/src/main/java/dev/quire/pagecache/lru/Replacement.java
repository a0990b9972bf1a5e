package dev.quire.pagecache.lru;

/** A replacement policy: orders the frames of a cache by how soon they should go. Thread-safe. */
public interface Replacement {
    /** Nothing is known of the page: it was never here, or so long ago that it is forgotten. */
    long NO_MEMO = -1;

    /** No answer: whoever has the lists is held up. */
    int HELD_UP = -1;

    /**
     * Takes in a page that was just brought in, and sets its LRU flag.
     *
     * @param frame a frame that the caller holds LOCKED and referenced, and whose owner is set
     * @param memo what {@link #leave} answered when the page left, or {@link #NO_MEMO}
     * @return whether the page came back so soon that it counts as in use; false also when somebody
     *     else has the lists, and decides it later
     */
    boolean insert(int frame, long memo);

    /**
     * A page is leaving by eviction.
     *
     * @param frame a frame that the caller froze, isolated or on its list
     * @return at least 0 and less than 2^60: to be kept in its slot and given to {@link #insert}
     */
    long leave(int frame);

    /**
     * Whether a memo would still make a difference if its page came back now.
     *
     * @param owner the address space of the page
     * @param page page index
     * @param memo what {@link #leave} answered for it
     * @return false when {@link #insert} would do the same without it
     */
    boolean remembers(int owner, long page, long memo);

    /**
     * Claims the frames that should go first. They are off the lists, and the caller has a
     * reference to each, until it gives them back with {@link #putBack} or evicts them.
     *
     * @param batch receives the frames
     * @param max how many at most
     * @return how many; 0 also when the policy was busy aging, or when there are none; or {@link
     *     #HELD_UP}
     */
    int isolate(int[] batch, int max);

    /**
     * As {@link #isolate}, for pages that came in, or were put back, while somebody had the lists,
     * and are not linked yet: the newest, if nothing older can be had. Never waits.
     *
     * @param batch receives the frames
     * @param max how many at most
     * @return how many
     */
    int isolateUnlinked(int[] batch, int max);

    /**
     * Whether nothing can be isolated because those who have the lists are held up.
     *
     * @return false if there are lists with pages that can be had, and if there is no page at all
     */
    boolean heldUp();

    /**
     * Gives back a frame that was isolated and cannot go now. The caller keeps its reference and
     * drops it afterwards.
     *
     * @param frame a frame from {@link #isolate} or {@link #remove}
     * @param used whether it was in use, rather than in the way
     */
    void putBack(int frame, boolean used);

    /**
     * Takes a page off the lists, for good or until it is put back.
     *
     * @param frame any frame
     * @return whether it was there; the caller then has one more reference
     */
    boolean remove(int frame);

    /**
     * As {@link #remove}, unless somebody has the lists: then the page stays there. If it leaves
     * the cache, whoever drops its last reference leaves it DEFERRED (S1).
     *
     * @param frame any frame
     * @return whether it was there, and is not any more; the caller then has one more reference
     */
    boolean drop(int frame);

    /**
     * A page has moved to another frame, which takes the place of the old one: as old as it was,
     * and used as lately. The old frame is off the lists afterwards, its LRU flag clear.
     *
     * @param from a listed frame that the caller froze
     * @param to where the page is now: a frame that the caller holds LOCKED and referenced
     */
    void replace(int from, int to);

    /**
     * Takes a frame off the lists whose last reference was dropped while it was there (S1).
     *
     * @param frame a frame that was DEFERRED
     * @return whether it is now FROZEN and the caller's; false also when it is to be tried again
     */
    boolean removeDeferred(int frame);

    /**
     * The cache may use fewer frames than there are, or more again: what is kept in proportion to
     * them follows.
     *
     * @param frameCount how many, at least 1, at most those of the side table
     */
    void resize(int frameCount);

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
     * Memory that the policy takes beside the side table.
     *
     * @return bytes
     */
    long metadataBytes();

    /**
     * Checks that lists and LRU flags agree (I2). Exact only while nothing else runs.
     *
     * @throws AssertionError naming the frame that breaks the rule
     */
    void verify();
}
