package dev.quire.pagecache;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Cursors that threads take for one operation each. A few are kept; who finds none makes one, who
 * brings one back too many closes it.
 */
final class CursorPool implements AutoCloseable {
    private static final int KEPT = 4;

    private final PagedFile file;
    private final AtomicReferenceArray<@Nullable PageCursor> kept =
            new AtomicReferenceArray<>(KEPT);
    private volatile boolean closed;

    CursorPool(PagedFile file) {
        this.file = file;
    }

    /** A cursor on no page, the caller's until {@link #put}. */
    PageCursor take() {
        for (int i = 0; i < KEPT; i++) {
            PageCursor cursor = kept.get(i);
            if (cursor != null && kept.compareAndSet(i, cursor, null)) {
                return cursor;
            }
        }
        return file.cursor();
    }

    /** Takes a cursor back; what it still holds is released. */
    void put(PageCursor cursor) {
        if (cursor.holdsFrame()) {
            cursor.release();
        } else if (cursor.mode == CursorPosition.SHARED) {
            cursor.letGo(); // a starved read that ended by an exception
        }
        for (int i = 0; i < KEPT && !closed; i++) {
            if (kept.get(i) == null && kept.compareAndSet(i, null, cursor)) {
                if (closed) { // meanwhile: close may have passed by
                    close();
                }
                return;
            }
        }
        cursor.close();
    }

    /** Closes what is kept, and what comes back later. */
    @Override
    public void close() {
        closed = true;
        for (int i = 0; i < KEPT; i++) {
            PageCursor cursor = kept.getAndSet(i, null);
            if (cursor != null) {
                cursor.close();
            }
        }
    }
}
