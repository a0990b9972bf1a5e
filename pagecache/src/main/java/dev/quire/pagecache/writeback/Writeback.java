package dev.quire.pagecache.writeback;

import dev.quire.aio.IoException;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes the dirty pages of an address space to its store, in order, neighbours together, several
 * writes at a time; and makes them durable.
 *
 * <p>A page under write-back is latched SHARED_EXCLUSIVE: readers and pins go on, writers wait, so
 * that the image written is one that somebody meant. Latches are only tried; who finds a page
 * latched goes on, and comes back for it only if it is his duty (sync), holding nothing meanwhile.
 */
public final class Writeback {
    private final CacheContext context;
    private final DirtyLimits limits;

    /**
     * The write-back of one cache.
     *
     * @param context the cache
     * @param limits told of progress
     */
    public Writeback(CacheContext context, DirtyLimits limits) {
        this.context = context;
        this.limits = limits;
    }

    /**
     * What one turn of {@link #flush} did: pages stored, pages that the engine held back, and the
     * page to go on with, 0 at the end.
     */
    record Flushed(int pages, int heldPages, long nextPage) {}

    /**
     * Writes dirty pages from an index on, as long as they can be had without waiting for latches;
     * those that wait for the log as well, once the engine has made it durable, if it does that.
     *
     * @throws IOException if the store refused; the pages stay dirty
     */
    Flushed flush(AddressSpace space, long fromPage, long pagesMax) throws IOException {
        WritePass pass = new WritePass(context, limits, space);
        Flushed flushed = flush(space, pass, fromPage, pagesMax);
        if (!pass.forceLog()) {
            return flushed;
        }
        WritePass second = new WritePass(context, limits, space);
        Flushed more = flush(space, second, fromPage, pagesMax);
        return new Flushed(flushed.pages() + more.pages(), more.heldPages(), more.nextPage());
    }

    private static Flushed flush(AddressSpace space, WritePass pass, long fromPage, long pagesMax)
            throws IOException {
        boolean walked = false;
        try {
            long endPage = space.sizePages();
            long next = pass.walk(fromPage, endPage, pagesMax);
            walked = true;
            int pages = pass.finish();
            return new Flushed(pages, pass.heldPages(), next < endPage ? next : 0);
        } finally {
            if (!walked) {
                pass.abort();
            }
        }
    }

    /**
     * Makes everything durable that was written before the call. Pages dirtied meanwhile may or may
     * not be included; each page that the file has now is visited once, so that writers cannot keep
     * it going for ever. Who calls while a sync is under way shares the next one.
     *
     * @param space which; the calling thread holds no latch
     * @param errorsTold the errors that the caller's handle was told of, moved on
     * @throws WriteFailedException if a page could not be written, now or since the handle was last
     *     told, or the store could not make it durable, which fences the space
     * @throws WouldBlockException if the engine holds pages back; all others were written
     */
    public void sync(AddressSpace space, AtomicLong errorsTold) throws WriteFailedException {
        context.checkMayWait("sync", space);
        space.checkFence();
        Throwable failed =
                space.syncs()
                        .join(
                                () -> {
                                    space.checkFence();
                                    write(space, 0, Long.MAX_VALUE, "sync");
                                    matchSize(space);
                                    makeDurable(space);
                                });
        report(space, failed, errorsTold);
    }

    /**
     * Makes a range durable, as {@link #sync}; the store may sync more.
     *
     * @param space which; the calling thread holds no latch
     * @param firstPage the first page
     * @param endPage the page after the last
     * @param errorsTold the errors that the caller's handle was told of, moved on
     * @throws WriteFailedException as {@link #sync}
     */
    public void syncRange(AddressSpace space, long firstPage, long endPage, AtomicLong errorsTold)
            throws WriteFailedException {
        context.checkMayWait("syncRange", space);
        space.checkFence();
        reportOf(
                space,
                errorsTold,
                () -> {
                    write(space, firstPage, endPage, "syncRange");
                    matchSize(space);
                    makeDurable(space);
                });
    }

    /**
     * Writes the dirty pages of a range to the store, without making them durable.
     *
     * @param space which; the calling thread holds no latch
     * @param firstPage the first page
     * @param endPage the page after the last
     * @param errorsTold the errors that the caller's handle was told of, moved on
     * @throws WriteFailedException as {@link #sync}
     */
    public void flushRange(AddressSpace space, long firstPage, long endPage, AtomicLong errorsTold)
            throws WriteFailedException {
        context.checkMayWait("flush", space);
        space.checkFence();
        reportOf(space, errorsTold, () -> write(space, firstPage, endPage, "flush"));
    }

    /**
     * Writes the dirty pages of a range to the store, for a direct transfer: fails if one of these
     * cannot be written, whatever else is to be told of the space.
     *
     * @param space which; the calling thread holds no latch
     * @param firstPage the first page
     * @param endPage the page after the last
     * @param operation what it is for, for the message
     * @throws WriteFailedException if a page could not be written; each handle will be told as well
     * @throws WouldBlockException if the engine holds pages of the range back
     */
    public void writeOut(AddressSpace space, long firstPage, long endPage, String operation)
            throws WriteFailedException {
        space.checkFence();
        try {
            write(space, firstPage, endPage, operation);
        } catch (IOException e) {
            throw notWritten(space, e);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    @SuppressWarnings("CatchThrowable") // it is thrown again
    private static void reportOf(AddressSpace space, AtomicLong errorsTold, Step step)
            throws WriteFailedException {
        Throwable failed = null;
        try {
            step.run();
        } catch (Throwable e) {
            failed = e;
        }
        report(space, failed, errorsTold);
    }

    /** Each who shared a run gets an exception of his own. */
    private static void report(
            AddressSpace space, @Nullable Throwable failed, AtomicLong errorsTold)
            throws WriteFailedException {
        switch (failed) {
            case null -> {
                Throwable untold = space.writeErrors().checkAndAdvance(errorsTold);
                if (untold != null) {
                    throw notWritten(space, untold);
                }
            }
            case IOException e -> {
                // Another thread may have been told of ours for this handle: each fails by its own.
                space.writeErrors().checkAndAdvance(errorsTold);
                throw e instanceof WriteFailedException
                        ? new WriteFailedException(
                                space.name(), "the store's sync failed", cause(e))
                        : notWritten(space, e);
            }
            // These tell of no failed write: it is still to be told.
            case FileFencedException e -> throw new FileFencedException(space.name(), cause(e));
            case WouldBlockException e -> throw new WouldBlockException(e);
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(failed);
        }
    }

    private static WriteFailedException notWritten(AddressSpace space, Throwable cause) {
        String detail = "dirtyPages=" + space.dirtyPages().get();
        return new WriteFailedException(space.name(), detail, cause);
    }

    private static Throwable cause(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e : cause;
    }

    /** Writes every page of a range that is dirty now, waiting for those that are latched. */
    private void write(AddressSpace space, long firstPage, long endPage, String operation)
            throws IOException {
        WritePass pass = new WritePass(context, limits, space);
        boolean walked = false;
        try {
            long sizePages = space.sizePages();
            pass.walk(firstPage, Math.min(endPage, sizePages), Long.MAX_VALUE);
            pass.takeBusy();
            walked = true;
            pass.finish();
            space.writes().held(pass.heldPages(), firstPage == 0 && endPage >= sizePages);
        } finally {
            if (!walked) {
                pass.abort();
            }
        }
        pass.checkNothingHeld(operation);
    }

    @SuppressWarnings("CatchThrowable") // Whatever it was, nobody knows what is durable.
    private void makeDurable(AddressSpace space) throws WriteFailedException {
        space.durabilityLock().lock();
        try {
            // A store tells once that it lost something: after that its success proves nothing.
            space.checkFence();
            space.checkStore();
            long covered = space.writes().syncing();
            StoreSync sync = new StoreSync(context, space);
            try {
                context.callbacks().sync(space);
            } catch (Throwable e) {
                space.counters().writeErrors.increment();
                if (!isOfDirectory(e)) {
                    space.fence(e);
                }
                sync.end(true);
                throw new WriteFailedException(space.name(), "the store's sync failed", e);
            }
            sync.end(false);
            space.writes().synced(covered);
        } finally {
            space.durabilityLock().unlock();
        }
    }

    /**
     * Whether a new file's directory could not be opened, for want of a descriptor, say: what the
     * file holds was synced before, and the next sync tries again.
     */
    private static boolean isOfDirectory(Throwable e) {
        return e instanceof IoException failure && failure.operation().equals("open");
    }

    /** Cuts or extends the store to the size of the content. */
    private void matchSize(AddressSpace space) throws IOException {
        if (space.readOnly() || tryMatchSize(space, false)) {
            return;
        }
        space.directTransfers().exclude(); // before the lock, which the end of a write may need
        try {
            tryMatchSize(space, true);
        } finally {
            space.directTransfers().admit();
        }
    }

    /**
     * Leaves what direct writes have put behind the end of the content, and is going to be content.
     *
     * @param alone whether no direct transfer is under way
     * @return false if the store is to be extended, which would cut that off; or inside a block,
     *     which the system does not keep apart from a direct write to the rest of it
     */
    private boolean tryMatchSize(AddressSpace space, boolean alone) throws IOException {
        space.sizeLock().lock(); // no page beyond this size can come up, so that none is cut off
        try {
            space.checkStore();
            long storeBytes = context.callbacks().sizeBytes(space);
            if (space.directWrites().anyExtending()) {
                return storeBytes >= space.sizeBytes();
            }
            boolean inside = (storeBytes & (context.pageBytes() - 1)) != 0;
            if (!alone && inside && storeBytes < space.sizeBytes()) {
                return false;
            }
            if (storeBytes != space.sizeBytes()) {
                context.callbacks().truncate(space, space.sizeBytes());
            }
            space.cutPending(false);
            return true;
        } finally {
            space.sizeLock().unlock();
        }
    }
}
