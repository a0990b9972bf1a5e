package dev.quire.pagecache.lru;

/**
 * A change of a shard's lists that was left to who had their lock. A reference to the frame comes
 * with it, and goes when it is made.
 *
 * @param frame the page's frame
 * @param kind what is to be done
 * @param memo of a page that comes in
 */
record ListChange(int frame, Kind kind, long memo) {
    /** What can be left. */
    enum Kind {
        /** A page that came in. */
        INSERT,
        /** One that was isolated and in the way. */
        PUT_BACK,
        /** One that was isolated and in use. */
        PUT_BACK_USED
    }
}
