package dev.quire.pagecache.readahead;

/**
 * Somebody who reads pages in order. Written under the lock of its {@link ReadAhead}; the two pages
 * are looked at without it, so that who is no stream writes nothing that others read.
 */
public final class Stream {
    static final long NONE = -1;

    /** The first page, in its order, that was not asked for yet. */
    volatile long next = NONE;

    /** The page that says, when somebody comes to it, that more is to be read. */
    volatile long marker = NONE;

    /** The marker that was last come to. */
    volatile long passed = NONE;

    int step = 1;

    /** Whether its reader said that he reads in order. Looked at without the lock, too. */
    volatile boolean sequential;

    int windowPages;
    long lastUse;

    private Stream() {}

    /** Streams that nobody reads. */
    static Stream[] generate(int count) {
        Stream[] streams = new Stream[count];
        for (int i = 0; i < count; i++) {
            streams[i] = new Stream();
        }
        return streams;
    }

    void forget() {
        next = NONE;
        marker = NONE;
        passed = NONE;
        lastUse = 0;
    }

    @Override
    public String toString() {
        return "Stream[next=" + next + ", marker=" + marker + ", windowPages=" + windowPages + "]";
    }
}
