package dev.quire.pagecache;

import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.space.AsyncReads;

import java.util.Objects;

/**
 * Several cursors of a file whose pages are asked for together: what is not cached of them is read
 * in the order of the store, neighbours in one read, many reads at once, and not one after the
 * other. For the leaves of a B-tree scan, or a batch of probes of a hash join. For one thread, or
 * handed from one to the next; reusable; a use that finds its pages cached allocates nothing.
 *
 * <pre>{@code
 * try (CursorGroup group = file.cursorGroup(16)) {
 *     group.read(pages, 0, 16);
 *     for (int i = 0; i < 16; i++) {
 *         PageCursor c = group.cursor(i);
 *         do {
 *             sum = before + c.getLong(0);
 *         } while (group.retry(i));
 *         before = sum;
 *     }
 * }
 * }</pre>
 *
 * <p>Each page is validated for itself; for pages that belong together see {@link ReadScope}.
 */
public final class CursorGroup implements AutoCloseable {
    /** The most cursors of a group. */
    public static final int SIZE_MAX = 1024;

    private final PagedFile file;
    private final AsyncReads reads;
    private final PageCursor[] cursors;
    private final long[] missing;

    CursorGroup(PagedFile file, AsyncReads reads, int size) {
        if (size < 1 || size > SIZE_MAX) {
            throw new IllegalArgumentException(
                    "a group must have 1.." + SIZE_MAX + " cursors: size=" + size);
        }
        this.file = file;
        this.reads = reads;
        cursors = new PageCursor[size];
        missing = new long[size];
        for (int i = 0; i < size; i++) {
            // What follows is known: there is no order to be found out.
            cursors[i] = file.cursor(CursorHint.RANDOM);
        }
    }

    /**
     * How many cursors it has.
     *
     * @return 1..{@link #SIZE_MAX}
     */
    public int size() {
        return cursors.length;
    }

    /**
     * One of the cursors: stands on its page by {@link #read}, and may also be used alone.
     *
     * @param i which, 0..size-1
     * @return the same each time
     * @throws IndexOutOfBoundsException if there is none
     */
    public PageCursor cursor(int i) {
        return cursors[Objects.checkIndex(i, cursors.length)];
    }

    /**
     * Puts cursor 0 on the first of the pages, cursor 1 on the second, and so on, each as {@link
     * PageCursor#read}. All that are not cached are asked for before the first is waited for; what
     * finds no frame or no place in the engine is read when its turn comes.
     *
     * @param pages page indices in any order, 0..sizePages-1; the same one may come twice
     * @param from which of them is the first
     * @param count how many, 0..size
     * @throws IndexOutOfBoundsException if the array does not have so many, there are not so many
     *     cursors, or a page lies beyond the end of the file
     * @throws PageReadException if a page is not cached and cannot be read. Cursors before its own
     *     are on their pages then, the others where they were
     * @throws IllegalStateException if one of the cursors holds a pin or a latch, or the file is
     *     closed
     */
    public void read(long[] pages, int from, int count) {
        Objects.checkFromIndexSize(from, count, pages.length);
        Objects.checkFromIndexSize(0, count, cursors.length);
        int misses = 0;
        for (int i = 0; i < count; i++) {
            if (!file.caches(pages[from + i])) {
                missing[misses++] = pages[from + i];
            }
        }
        if (misses > 1) { // one alone is read faster by who waits for it
            reads.prefetch(file.space(), missing, misses);
        }
        for (int i = 0; i < count; i++) {
            cursors[i].read(pages[from + i]);
        }
    }

    /**
     * Whether what was read through a cursor must be read again: {@link PageCursor#retry}, after
     * which the cursor is on its page again, to do so.
     *
     * @param i which cursor, 0..size-1
     * @return false when everything read through it is valid
     * @throws IndexOutOfBoundsException if there is none
     * @throws PageReadException if the page has left and cannot be read
     */
    public boolean retry(int i) {
        PageCursor cursor = cursor(i);
        boolean again = cursor.retry();
        if (again) {
            cursor.read(cursor.page());
        }
        return again;
    }

    /** Closes its cursors. */
    @Override
    public void close() {
        for (PageCursor cursor : cursors) {
            cursor.close();
        }
    }

    @Override
    public String toString() {
        return "CursorGroup[file=" + file.name() + ", size=" + cursors.length + "]";
    }
}
