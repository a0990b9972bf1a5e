package dev.quire.pagecache.space;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.ReadCompletion;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.core.CacheCounters;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * The calls of foreign code, a store's or its hooks' (S4.8): others may wait for what the calling
 * thread has locked.
 *
 * <p>What hooks throw is contained, counted and logged. What foreign code does with the cache
 * either works or is refused with a {@link WouldBlockException}: a hook waits for no page at all, a
 * store that reads for no page that is itself locked for it, a store that writes, syncs or changes
 * its size for no page of its own file, and none starts what waits for every page of that file.
 */
public final class Callbacks {
    private static final System.Logger LOG = System.getLogger(Callbacks.class.getName());
    private static final int NO_FRAME = PageAllocator.NO_FRAME;

    /** What a hook's allocations may do; a store's may reclaim too. */
    private static final AllocContext HOOK = AllocContext.NO_RECLAIM;

    /** What a call may wait for. */
    private enum Waits {
        /** No page: a hook, or what must not block. */
        NOTHING,
        /** All pages but the one that it fills. */
        OTHER_PAGES,
        /** Pages of other files: its own ones may be under write-back, and for this thread. */
        OTHER_FILES
    }

    /** A call under way on this thread. */
    private record Call(
            String name,
            AddressSpace space,
            long page,
            int frame,
            Waits waits,
            @Nullable Call outer) {
        @Override
        public String toString() {
            return name + (page < 0 ? "" : "(" + page + ")");
        }
    }

    private final ScopedValue<Call> current = ScopedValue.newInstance();
    private final PageAllocator allocator;
    private final CacheCounters counters;

    Callbacks(PageAllocator allocator, CacheCounters counters) {
        this.allocator = allocator;
        this.counters = counters;
    }

    // ---- the store

    /** Has the store fill a page that the caller has locked; it may block. */
    int readPage(AddressSpace space, long page, int frame, MemorySegment into) throws IOException {
        if (space.ops() instanceof FileOps file) {
            return file.readPage(page, into); // no foreign code
        }
        // What the store reads itself must not wait for write-back, which may wait for this page.
        return in(
                call("readPage", space, page, frame, Waits.OTHER_PAGES),
                AllocContext.NO_IO,
                () -> space.ops().readPage(page, into));
    }

    /** Has the store begin to fill pages that the caller has locked; answers whether it does. */
    boolean readPages(
            AddressSpace space,
            long firstPage,
            MemorySegment[] pages,
            int count,
            ReadCompletion completion)
            throws IOException {
        return in(
                call("readPages", space, firstPage, NO_FRAME, Waits.NOTHING),
                AllocContext.NO_IO,
                () -> space.ops().readPages(firstPage, pages, count, completion));
    }

    /**
     * Has the store write pages that the caller has under write-back; it may block.
     *
     * @param space whose pages
     * @param firstPage the first page
     * @param pages their memory
     * @param count how many
     * @param endBytes where the last byte ends in the file
     * @param done told what became of it
     * @throws IOException if not all were stored, and nobody is told
     */
    public void writePages(
            AddressSpace space,
            long firstPage,
            MemorySegment[] pages,
            int count,
            long endBytes,
            AddressSpaceOps.WriteDone done)
            throws IOException {
        // What the store allocates may take the reserve: it cleans more than it takes.
        in(
                call("writePages", space, firstPage, NO_FRAME, Waits.OTHER_FILES),
                AllocContext.WRITEBACK,
                () -> {
                    space.ops().writePagesAsync(firstPage, pages, count, endBytes, done);
                    return count;
                });
    }

    /**
     * Has the store make durable what it was given.
     *
     * @param space whose store
     * @throws IOException if nobody knows what is durable
     */
    public void sync(AddressSpace space) throws IOException {
        inStore(
                "sync",
                space,
                () -> {
                    space.ops().sync();
                    return true;
                });
    }

    /**
     * Cuts or extends the store.
     *
     * @param space whose store; the caller holds its size lock
     * @param bytes the new size
     * @throws IOException if it refused
     */
    public void truncate(AddressSpace space, long bytes) throws IOException {
        inStore(
                "truncate",
                space,
                () -> {
                    space.ops().truncate(bytes);
                    return true;
                });
    }

    /** Has the store give the space of whole pages back; answers whether it can. */
    boolean punchHole(AddressSpace space, long position, long bytes) throws IOException {
        return inStore("punchHole", space, () -> space.ops().punchHole(position, bytes));
    }

    /**
     * Asks the store how long it is.
     *
     * @param space whose store
     * @return bytes
     * @throws IOException if it does not tell
     */
    public long sizeBytes(AddressSpace space) throws IOException {
        return inStore("sizeBytes", space, () -> space.ops().sizeBytes());
    }

    /**
     * Has a foreign store move bytes between it and a caller's memory.
     *
     * @param name what it does, for messages
     * @param space whose store
     * @param op the store's
     * @return what it answered
     * @throws IOException if it failed
     */
    public long direct(
            String name, AddressSpace space, ScopedValue.CallableOp<Long, IOException> op)
            throws IOException {
        return inStore(name, space, op);
    }

    private <R> R inStore(
            String name, AddressSpace space, ScopedValue.CallableOp<R, IOException> op)
            throws IOException {
        return in(call(name, space, -1, NO_FRAME, Waits.OTHER_FILES), AllocContext.NO_IO, op);
    }

    // ---- hooks

    /** Has the user verify or decrypt a page that was read. */
    void afterRead(AddressSpace space, long page, int frame, MemorySegment memory)
            throws IOException {
        if (!space.hooks().afterRead()) {
            return;
        }
        try {
            in(
                    call("afterRead", space, page, frame),
                    HOOK,
                    () -> {
                        space.ops().afterRead(page, memory);
                        return frame;
                    });
        } catch (RuntimeException | Error e) {
            throw new IOException("afterRead threw " + e, e);
        }
    }

    /** Whether reclaim may take a page; what is thrown counts as no. */
    @SuppressWarnings("CatchThrowable") // Foreign code: whatever it throws ends here (S4.8).
    boolean mayRelease(AddressSpace space, long page, int frame, long privateData) {
        if (!space.hooks().releasePage()) {
            return privateData == PageHooks.NO_PRIVATE_DATA;
        }
        try {
            return in(
                    call("releasePage", space, page, frame),
                    HOOK,
                    () -> space.ops().releasePage(page, privateData));
        } catch (Throwable e) {
            contained("releasePage", space, page, e);
            return false;
        }
    }

    /** Whether a page may move to another frame; what is thrown counts as no. */
    @SuppressWarnings("CatchThrowable") // Foreign code: whatever it throws ends here (S4.8).
    boolean mayMigrate(AddressSpace space, long page, int frame, long privateData) {
        if (!space.hooks().migratePage()) {
            return privateData == PageHooks.NO_PRIVATE_DATA;
        }
        try {
            return in(
                    call("migratePage", space, page, frame),
                    HOOK,
                    () -> space.ops().migratePage(page, privateData));
        } catch (Throwable e) {
            contained("migratePage", space, page, e);
            return false;
        }
    }

    /**
     * Asks the user whether a page may be written, and has it stamped.
     *
     * @param space whose page
     * @param page which
     * @param frame where it is, under write-back
     * @param image what will be stored
     * @param lsn the highest log position of the page
     * @return {@link PageHooks#GO}, or the log position that the page waits for
     * @throws IOException if it cannot be written
     */
    public long beforeWrite(AddressSpace space, long page, int frame, MemorySegment image, long lsn)
            throws IOException {
        if (!space.hooks().beforeWrite()) {
            return PageHooks.GO;
        }
        return in(
                call("beforeWrite", space, page, frame),
                HOOK,
                () -> space.ops().beforeWrite(page, image, lsn));
    }

    /**
     * Has the user make his log durable, which pages of the caller's wait for; it may block.
     *
     * @param space whose pages
     * @param lsn up to where
     * @return whether the user does that
     * @throws IOException if the log cannot be made durable
     */
    public boolean forceLog(AddressSpace space, long lsn) throws IOException {
        if (!space.hooks().forceLog()) {
            return false;
        }
        try {
            // A log in this cache may take the reserve: what waits for it are pages to be cleaned.
            return in(
                    call("forceLog", space, -1, NO_FRAME, Waits.OTHER_FILES),
                    AllocContext.WRITEBACK,
                    () -> {
                        space.ops().forceLog(lsn);
                        return true;
                    });
        } catch (RuntimeException | Error e) {
            contained("forceLog", space, -1, e);
            throw new IOException("forceLog threw " + e, e);
        }
    }

    /** Tells the user that a clean page has become dirty. */
    @SuppressWarnings("CatchThrowable") // Foreign code under a latch: what it throws ends here.
    void dirtyPage(AddressSpace space, long page, int frame) {
        if (!space.hooks().dirtyPage()) {
            return;
        }
        try {
            in(
                    call("dirtyPage", space, page, frame),
                    HOOK,
                    () -> {
                        space.ops().dirtyPage(page);
                        return frame;
                    });
        } catch (Throwable e) {
            contained("dirtyPage", space, page, e);
        }
    }

    /** Tells the user that a page has left. */
    @SuppressWarnings("CatchThrowable") // Foreign code: the removal completes all the same (S4.8).
    void freePage(AddressSpace space, long page, int frame, long privateData) {
        if (!space.hooks().freePage()) {
            return;
        }
        try {
            in(
                    call("freePage", space, page, frame),
                    HOOK,
                    () -> {
                        space.ops().freePage(page, privateData);
                        return frame;
                    });
        } catch (Throwable e) {
            contained("freePage", space, page, e);
        }
    }

    /**
     * Runs what a user gave to be run when something is over; what it throws is contained.
     *
     * @param what its name, for the log
     * @param space what it is about
     * @param code the user's
     */
    @SuppressWarnings("CatchThrowable") // Foreign code: whatever it throws ends here (S4.8).
    public void run(String what, AddressSpace space, Runnable code) {
        try {
            code.run();
        } catch (Throwable e) {
            contained(what, space, -1, e);
        }
    }

    private @Nullable Call innermost() {
        return current.isBound() ? current.get() : null;
    }

    /** A call of a hook. */
    private Call call(String name, AddressSpace space, long page, int frame) {
        return call(name, space, page, frame, Waits.NOTHING);
    }

    private Call call(String name, AddressSpace space, long page, int frame, Waits waits) {
        return new Call(name, space, page, frame, waits, innermost());
    }

    private <R, X extends Throwable> R in(
            Call call, AllocContext context, ScopedValue.CallableOp<R, X> op) throws X {
        return ScopedValue.where(current, call).call(() -> allocator.callIn(context, op));
    }

    /**
     * Counts, and logs, what foreign code threw where nobody is to get it.
     *
     * @param callback its name
     * @param space what it was about
     * @param page which page; -1 for none
     * @param e what it threw
     */
    public void contained(String callback, AddressSpace space, long page, Throwable e) {
        long errors = counters.callbackErrors.incrementAndGet();
        if (Long.bitCount(errors) == 1) { // a store that fails once fails often
            String what = " threw: file=" + space.name() + ", page=" + page + ", errors=" + errors;
            LOG.log(Level.ERROR, callback + what, e);
        }
    }

    // ---- what foreign code may not do meanwhile

    /** Fails if this thread is inside a call that would wait for itself, or for one like it. */
    void checkMayAwait(int frame) {
        for (Call call = innermost(); call != null; call = call.outer) {
            if (!mayAwait(call, frame)) {
                throw new WouldBlockException(
                        call.space.name(),
                        "use of the cache inside " + call,
                        "a page that is locked or latched");
            }
        }
    }

    private boolean mayAwait(Call call, int frame) {
        return switch (call.waits) {
            case NOTHING -> false;
            case OTHER_PAGES -> call.frame != frame;
            case OTHER_FILES -> allocator.frames().owner(frame) != call.space.id();
        };
    }

    /**
     * Whether this thread is inside a call: it may not wait for write-back then, which may wait for
     * it.
     *
     * @return true in a hook, and where a store does what the cache asked it for
     */
    public boolean inside() {
        return current.isBound();
    }

    /**
     * Fails if this thread is inside a hook.
     *
     * @param operation its name, for the message
     * @param reason what it would wait for
     * @throws WouldBlockException inside a hook
     */
    public void checkNotInHook(String operation, String reason) {
        for (Call call = innermost(); call != null; call = call.outer) {
            if (call.waits == Waits.NOTHING) {
                throw new WouldBlockException(
                        call.space.name(), operation + " inside " + call, reason);
            }
        }
    }

    /**
     * Fails if this thread is inside a call, and asks for what waits for all pages of a file.
     *
     * @param operation its name, for the message
     * @param space whose pages; null for those of all files
     * @throws WouldBlockException inside a hook, and inside a call of the same file's store
     */
    public void checkMayStart(String operation, @Nullable AddressSpace space) {
        for (Call call = innermost(); call != null; call = call.outer) {
            if (call.waits == Waits.NOTHING || space == null || call.space == space) {
                throw new WouldBlockException(
                        call.space.name(), operation + " inside " + call, "that call to end");
            }
        }
    }
}
