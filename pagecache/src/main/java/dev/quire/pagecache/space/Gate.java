package dev.quire.pagecache.space;

/**
 * What a thread that has pinned or latched a page of an address space has to ask before it goes on,
 * in one word: one load for the hot paths, while the space is written and nothing else happens to
 * it.
 *
 * <p>Who begins something that pages must not be touched by shuts the gate for it, then passes a
 * full fence, then looks at frames; who touches a page changes its frame by a full CAS, then looks
 * at the gate. One of the two sees the other.
 */
public final class Gate {
    /** Pages may not be written: the space is read-only, closed or fenced. */
    static final int NOT_WRITABLE = 1;

    /** Direct writes are under way. */
    static final int DIRECT_WRITES = 2;

    /** There are snapshots, or one is being taken. */
    static final int SNAPSHOTS = 4;

    private volatile int reasons;

    /** Open. */
    public Gate() {}

    /**
     * Shuts or opens it for one reason.
     *
     * @param reason one of the constants; the caller holds the lock that guards its state
     * @param shut whether the reason holds: to be called after the state says so
     */
    synchronized void shut(int reason, boolean shut) {
        reasons = shut ? reasons | reason : reasons & ~reason;
    }

    /**
     * Whether nothing is to be asked.
     *
     * @return true while no reason holds
     */
    public boolean isOpen() {
        return reasons == 0;
    }

    /**
     * Whether pages may be written, as far as the life of the file goes.
     *
     * @return false when read-only, closed or fenced
     */
    boolean isWritable() {
        return (reasons & NOT_WRITABLE) == 0;
    }

    /**
     * Whether direct writes have to be asked.
     *
     * @return false while none is under way
     */
    public boolean hasDirectWrites() {
        return (reasons & DIRECT_WRITES) != 0;
    }
}
