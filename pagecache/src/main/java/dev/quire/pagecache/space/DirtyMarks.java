package dev.quire.pagecache.space;

/** Which pages are dirty: the index, the counters, and those who are told. */
public final class DirtyMarks {
    private final CacheContext context;

    DirtyMarks(CacheContext context) {
        this.context = context;
    }

    /**
     * A page becomes dirty, unless it is.
     *
     * @param space whose page
     * @param chunk the page's chunk
     * @param page page index, latched exclusively by the caller
     * @param frame where it is
     * @return whether it was clean
     */
    public boolean mark(AddressSpace space, Chunk chunk, long page, int frame) {
        if (!chunk.markDirty(Chunk.index(page))) {
            return false;
        }
        count(space, 1);
        context.callbacks().dirtyPage(space, page, frame);
        return true;
    }

    /**
     * A page ceases to be dirty: it was written, or is given up.
     *
     * @param space whose page
     * @param chunk the page's chunk
     * @param page page index, latched exclusively or under write-back by the caller
     * @param frame where it is
     */
    public void unmark(AddressSpace space, Chunk chunk, long page, int frame) {
        context.lsns().clean(space, frame);
        if (chunk.unmarkDirty(Chunk.index(page))) {
            count(space, -1);
        }
    }

    /**
     * Whether the cache has newer bytes of a range than the store.
     *
     * @param space whose pages
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return true until all writes to these pages that have returned are in the store
     */
    public boolean any(AddressSpace space, long firstPage, long endPage) {
        if (space.dirtyPages().get() == 0) {
            return false;
        }
        Translation translation = space.translation();
        for (Chunk chunk = translation.findFrom(firstPage);
                chunk != null && chunk.firstPage() < endPage;
                chunk = translation.findFrom(chunk.firstPage() + Chunk.PAGES)) {
            int from = (int) Math.max(0, firstPage - chunk.firstPage());
            if (chunk.firstPage() + chunk.nextDirty(from)
                    < Math.min(endPage, chunk.firstPage() + Chunk.PAGES)) {
                return true;
            }
        }
        return false;
    }

    private void count(AddressSpace space, int change) {
        context.counters().dirtyPages.addAndGet(change);
        space.dirtyPages().addAndGet(change);
    }
}
