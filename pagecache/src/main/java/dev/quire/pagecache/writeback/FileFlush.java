package dev.quire.pagecache.writeback;

import dev.quire.pagecache.space.AddressSpace;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The background write-back of one file: at most one at a time, paused for a while after errors.
 */
final class FileFlush {
    private static final System.Logger LOG = System.getLogger(FileFlush.class.getName());
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final Writeback writeback;
    private final AddressSpace space;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean failing;
    private volatile long retryAtNanos;
    private volatile boolean due;

    // Who runs has these.
    private long nextPage;
    private int heldPages; // since the walk was at the first page

    FileFlush(Writeback writeback, AddressSpace space) {
        this.writeback = writeback;
        this.space = space;
    }

    /** Whether there is something to write that might be written now, and nobody is at it. */
    boolean wanted(long nowNanos) {
        return space.dirtyPages().get() > 0
                && !space.fenced()
                && !(failing && nowNanos - retryAtNanos < 0)
                && !running.get();
    }

    /** All that is dirty now is old enough to be written. */
    void due() {
        due = true;
    }

    boolean isDue() {
        return due;
    }

    int spaceId() {
        return space.id();
    }

    /** Claims the file for one run; who gets it calls {@link #end}. */
    boolean begin() {
        return running.compareAndSet(false, true);
    }

    /**
     * Writes all dirty pages when they are due; else some, going on where the last turn ended.
     * Answers how many were stored.
     */
    int turn(long pagesMax) {
        boolean everything = due;
        due = false;
        if (everything) {
            nextPage = 0;
        }
        try {
            heldPages = nextPage == 0 ? 0 : heldPages;
            Writeback.Flushed flushed =
                    writeback.flush(space, nextPage, everything ? Long.MAX_VALUE : pagesMax);
            nextPage = flushed.nextPage();
            heldPages += flushed.heldPages();
            space.writes().held(heldPages, nextPage == 0);
            failing = false;
            return flushed.pages();
        } catch (IOException | RuntimeException e) {
            failed(e);
            return 0;
        }
    }

    private void failed(Exception e) {
        retryAtNanos = System.nanoTime() + RETRY_NANOS;
        if (!failing) {
            failing = true;
            LOG.log(
                    Level.WARNING,
                    "write-back fails, pages stay dirty and are tried again: file={0}: {1}",
                    space.name(),
                    e.getMessage());
        }
    }

    /** Whether the file is closed, and nobody is at it. */
    boolean over() {
        return space.closed() && !running.get();
    }

    void end() {
        running.set(false);
    }

    @Override
    public String toString() {
        return space.name();
    }
}
