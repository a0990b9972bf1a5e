package dev.quire.pagecache.backing;

/** What became of a page that was to move to another frame. Only MOVED changes anything. */
public enum RelocationOutcome {
    /** It is in another frame, with all that belongs to it. */
    MOVED,

    /**
     * It is pinned, latched, being read or written back, or its hooks keep it: try again when that
     * is over.
     */
    BUSY,

    /** Somebody had it for a moment: try again at once. */
    AGAIN,

    /** It is not cached. */
    ABSENT,

    /** There is no free frame to move it to. */
    NO_FRAME
}
