package dev.quire.pagecache.readahead;

import dev.quire.pagecache.core.BriefLock;

import org.jspecify.annotations.Nullable;

/**
 * The streams of one file, and what is to be read ahead of them. Thread-safe.
 *
 * <p>A stream begins at the start of the file, with the second of two misses side by side, or with
 * the first miss of who said that he reads in order. The first page of each window that has to be
 * read is its <em>marker</em>: when somebody comes to it, the next window is begun, so that a whole
 * window is on its way in while one is being used. Where there is no marker, because frames were
 * short, the page after the last window is a miss, which goes on with the stream.
 *
 * <p>Random reads are side by side by chance, too: with 16384 pages one miss in a thousand, and the
 * windows that it begins are read in vain. So when a page that was read ahead has left without that
 * anybody asked for it, streams are forgotten, and one begins with the third of three misses side
 * by side, until 64 windows were planned. A stream that is read is found again by its mark, or by
 * its next misses. All that is not for who said that he reads in order.
 *
 * <p>Source: Linux {@code page_cache_sync_ra} and {@code page_cache_async_ra}.
 */
public final class ReadAhead {
    /*
     * Streams are the file's, not the cursor's, so that one can be passed from cursor to cursor (a
     * channel's, say) and one cursor can read many. What leads to them, single misses, is the
     * cursor's: random reads look at the 16 streams and write nothing that other threads read,
     * but for the first of them after pages were read in vain.
     *
     * Nobody waits for who is held up with the streams: he reads without them, and a stream that
     * was not told of a step is found again by a miss, or by a mark that nobody knows.
     */

    /**
     * As many streams are remembered; who comes after that replaces the one not seen for longest.
     */
    static final int STREAMS_MAX = 16;

    /** The part that a failed read leaves of the limit, or a waste; it doubles with each window. */
    private static final int SHRINK = 4;

    /** For so many windows after a waste memory counts as short, and guesses as doubtful. */
    private static final int SHORT_WINDOWS = 64;

    private static final int NO_LIMIT = 1 << 29;

    final BriefLock lock = new BriefLock(); // a test takes it

    // None until somebody reads in order: there are files that nobody ever does.
    private volatile Stream[] streams = new Stream[0];

    private volatile int pagesMax;
    private volatile boolean blocking;
    private volatile boolean wasted;
    private volatile boolean doubtful; // written under the lock

    // All under the lock.
    private int shrunkLimit = NO_LIMIT;
    private int shortWindows;
    private long clock;

    /** The streams of a file that nobody reads yet; nothing is read ahead. */
    public ReadAhead() {}

    /**
     * Sets how long a window becomes.
     *
     * @param pages at least 0; below 2 nothing is read ahead
     */
    public void pagesMax(int pages) {
        pagesMax = pages;
    }

    /**
     * How long a window becomes.
     *
     * @return pages
     */
    public int pagesMax() {
        return pagesMax;
    }

    /**
     * The store has only reads that block, which threads of the cache have to make: from now on
     * that is done only for who said that he reads in order. A store in memory is faster without.
     */
    public void blocking() {
        blocking = true;
    }

    // ---- what readers come to

    /**
     * Somebody wants a page that is not there, and reads it himself.
     *
     * @param page page index
     * @param sizePages how many pages the file has
     * @param pattern how he reads
     * @return what is to be read beside it; null for nothing
     */
    public @Nullable Window missed(long page, long sizePages, ReadPattern pattern) {
        if (pagesMax < 2 || pattern.random() || (blocking && !pattern.sequential())) {
            return null;
        }
        noteWaste();
        boolean doubtful = this.doubtful;
        int found = pattern.step(page, doubtful);
        Stream known = waitingFor(page);
        if (known != null && doubtful && known.sequential && !pattern.sequential()) {
            known = null; // left behind by who said that he reads in order, maybe
        }
        int step = known == null ? found : known.step;
        return step == 0 ? null : missed(page, sizePages, step, pattern.sequential());
    }

    private @Nullable Window missed(long page, long sizePages, int step, boolean sequential) {
        if (!lock.tryLock()) {
            return null;
        }
        try {
            int max = windowMax();
            Stream stream = waitingFor(page);
            int pages;
            if (stream != null) {
                pages = WindowRamp.next(stream.windowPages, max);
            } else {
                stream = longestUnused();
                stream.step = step;
                stream.sequential = sequential;
                pages = sequential ? max : WindowRamp.first(max);
            }
            return plan(stream, page + stream.step, pages, pages - 1, sizePages);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Somebody wants a page that was marked.
     *
     * @param page page index
     * @param sizePages how many pages the file has
     * @return the next window; null when there is nothing more, or it was begun already
     */
    public @Nullable Window reached(long page, long sizePages) {
        if (pagesMax < 2) {
            return null;
        }
        noteWaste();
        if (markedBy(page) == null || !lock.tryLock()) {
            return null;
        }
        try {
            Stream stream = markedBy(page);
            if (stream == null || (blocking && !stream.sequential)) {
                return null;
            }
            stream.passed = page;
            int pages = WindowRamp.next(stream.windowPages, windowMax());
            return plan(stream, stream.next, pages, pages, sizePages);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the stream is forgotten that a page was marked for.
     *
     * @param page a page that was marked
     * @return false if one came to it, or is still to
     */
    public boolean forgotten(long page) {
        for (Stream stream : streams) {
            if (stream.passed == page || stream.marker == page) {
                return false;
            }
        }
        return pagesMax >= 2 && !blocking;
    }

    /**
     * Somebody wants a page that was marked for a stream that is {@link #forgotten}: it goes on
     * behind the pages that are there.
     *
     * @param next the first page that is not there
     * @param step in which direction, 1 or -1
     * @param ahead how many pages are there, at least 1
     * @param sizePages how many pages the file has
     * @return the next window; null when there is nothing more, or a stream is there already
     */
    public @Nullable Window resumed(long next, int step, int ahead, long sizePages) {
        if (!lock.tryLock()) {
            return null;
        }
        try {
            if (waitingFor(next) != null) {
                return null;
            }
            Stream stream = longestUnused();
            stream.step = step;
            stream.sequential = false;
            int pages = WindowRamp.next(ahead, windowMax());
            return plan(stream, next, pages, pages, sizePages);
        } finally {
            lock.unlock();
        }
    }

    /** The limit of the window that is planned now; once shrunk, it grows with each. */
    private int windowMax() {
        int max = Math.min(pagesMax, shrunkLimit);
        shrunkLimit = Math.min(2 * shrunkLimit, NO_LIMIT);
        return Math.max(1, max);
    }

    private @Nullable Window plan(
            Stream stream, long first, int windowPages, int pagesToRead, long sizePages) {
        long inside = stream.step > 0 ? sizePages - first : first + 1;
        int pages = Math.clamp(inside, 0, pagesToRead);
        boolean mayReclaim = shortWindows == 0;
        if (!mayReclaim) {
            shortWindows--;
            doubtful = shortWindows > 0;
        }
        stream.windowPages = windowPages;
        stream.lastUse = ++clock;
        stream.marker = Stream.NONE;
        goOnAt(stream, first + (long) pages * stream.step);
        return pages == 0 ? null : new Window(stream, first, pages, stream.step, mayReclaim);
    }

    // ---- what became of a window

    /**
     * A page of a window will be marked; called before anybody can come to it.
     *
     * @param window from this file
     * @param page the page that is wanted first of those that have to be read
     */
    public void marked(Window window, long page) {
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (isLatest(window)) {
                for (Stream other : streams) {
                    other.marker = other.marker == page ? Stream.NONE : other.marker;
                }
                window.stream().marker = page;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A window was cut short, because memory or places in the engine were: the stream goes on where
     * it was cut, with a window of what could be had.
     *
     * @param window from this file
     * @param covered how many of its pages are there, or on their way in
     */
    public void cut(Window window, int covered) {
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (isLatest(window)) {
                goOnAt(window.stream(), window.after(covered));
                window.stream().windowPages = Math.max(1, covered);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether its stream has not gone on, nor become another one, since it was planned. */
    private static boolean isLatest(Window window) {
        return window.stream().next == window.after(window.pages())
                && window.stream().step == window.step();
    }

    /** A page that was read ahead could not be read: the next windows are small. */
    public void failed() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            shrink();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A page that was read ahead, or prefetched, had to leave before anybody asked for it: memory
     * is too short for such windows, or somebody was taken for who reads in order. However many
     * they are, the next window shrinks once.
     */
    public void wasted() {
        if (!wasted) {
            wasted = true;
        }
    }

    /**
     * Streams are forgotten, too: of those that nobody reads, each waits for a page that is wanted
     * by chance some time.
     */
    private void noteWaste() {
        if (!wasted || !lock.tryLock()) {
            return;
        }
        try {
            wasted = false;
            if (shortWindows == SHORT_WINDOWS) {
                return; // nothing was planned since the last one
            }
            shrink();
            shortWindows = SHORT_WINDOWS;
            doubtful = true;
            for (Stream stream : streams) {
                if (!stream.sequential) {
                    stream.forget();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void shrink() {
        shrunkLimit = Math.max(1, Math.min(pagesMax, shrunkLimit) / SHRINK);
    }

    // ---- streams

    /** Two that wait for the same page are one. */
    private void goOnAt(Stream stream, long next) {
        for (Stream other : streams) {
            if (other.next == next && !other.equals(stream)) {
                other.forget();
            }
        }
        stream.next = next;
    }

    private @Nullable Stream waitingFor(long page) {
        for (Stream stream : streams) {
            if (stream.next == page) {
                return stream;
            }
        }
        return null;
    }

    private @Nullable Stream markedBy(long page) {
        for (Stream stream : streams) {
            if (stream.marker == page) {
                return stream;
            }
        }
        return null;
    }

    private Stream longestUnused() {
        if (streams.length == 0) {
            streams = Stream.generate(STREAMS_MAX);
        }
        Stream oldest = streams[0];
        for (Stream stream : streams) {
            oldest = stream.lastUse < oldest.lastUse ? stream : oldest;
        }
        return oldest;
    }
}
