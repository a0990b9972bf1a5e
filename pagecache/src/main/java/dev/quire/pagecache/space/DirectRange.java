package dev.quire.pagecache.space;

/** What one direct write covers, while it is under way. */
public final class DirectRange {
    private final long position;
    private final long endBytes;
    private final long firstPage;
    private final long endPage;
    private final Runnable end;

    // Under the lock of DirectWrites.
    boolean extending;
    boolean over; // the store has answered
    boolean ending; // somebody has been given its end to run

    /**
     * A range of whole and partial pages.
     *
     * @param position where the bytes begin in the file
     * @param endBytes the first byte after them
     * @param pageShift log2 of the bytes of a page
     * @param end what is to be done when the store has answered, and it is this write's turn
     */
    public DirectRange(long position, long endBytes, int pageShift, Runnable end) {
        this.position = position;
        this.endBytes = endBytes;
        this.end = end;
        firstPage = position >>> pageShift;
        endPage = ((endBytes - 1) >>> pageShift) + 1;
    }

    /**
     * Where its bytes begin.
     *
     * @return position in the file
     */
    public long position() {
        return position;
    }

    /**
     * Where its bytes end.
     *
     * @return the first byte after them
     */
    public long endBytes() {
        return endBytes;
    }

    /**
     * The first page that it touches.
     *
     * @return page index
     */
    public long firstPage() {
        return firstPage;
    }

    /**
     * The page after the last that it touches.
     *
     * @return page index
     */
    public long endPage() {
        return endPage;
    }

    /**
     * Whether the file ended before the end of it when it was published.
     *
     * @return true if the file is to grow
     */
    public boolean extending() {
        return extending;
    }

    /** Does what is to be done after the store has answered. */
    public void end() {
        end.run();
    }

    boolean has(long page) {
        return page >= firstPage && page < endPage;
    }

    @Override
    public String toString() {
        return "DirectRange[position=" + position + ", endBytes=" + endBytes + "]";
    }
}
