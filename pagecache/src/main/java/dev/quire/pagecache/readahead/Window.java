package dev.quire.pagecache.readahead;

/**
 * Pages to be read ahead, in the order in which they will be wanted.
 *
 * @param stream who will want them
 * @param first the page that will be wanted first
 * @param pages how many, at least 1; all of them inside the file as it was
 * @param step 1, or -1 for a stream that goes backward
 * @param mayReclaim whether pages that were used long ago may go for it: not while pages have to
 *     leave that were read ahead, and that nobody came to yet
 */
public record Window(Stream stream, long first, int pages, int step, boolean mayReclaim) {
    /**
     * The page after some of them.
     *
     * @param covered how many
     * @return page index; -1 before the start of the file
     */
    public long after(int covered) {
        return first + (long) covered * step;
    }
}
