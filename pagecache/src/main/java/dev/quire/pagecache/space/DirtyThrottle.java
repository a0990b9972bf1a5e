package dev.quire.pagecache.space;

/** Stops threads from dirtying pages faster than they can be written back. */
public interface DirtyThrottle {
    /**
     * Whether there is a reason to slow anybody down: one load, for the write path.
     *
     * @return true near the hard limit
     */
    boolean active();

    /**
     * Whether a thread that dirties a page now would be made to wait.
     *
     * @param space whose page
     * @return true at the hard limit, unless the thread holds a latch
     */
    boolean wouldStall(AddressSpace space);

    /**
     * Called before the latch by a thread that is about to dirty a page; may sleep, unless the
     * thread holds a latch or is inside a callback.
     *
     * @param space whose page
     * @throws dev.quire.pagecache.backing.WouldBlockException at the hard limit, inside a hook
     */
    void beforeDirtying(AddressSpace space);

    /** Called when a page has become dirty, with the latch still held; never sleeps. */
    void dirtied();
}
