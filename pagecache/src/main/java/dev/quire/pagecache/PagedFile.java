package dev.quire.pagecache;

import dev.quire.pagecache.backing.RelocationOutcome;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.direct.DirectIo;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.Translation;
import dev.quire.pagecache.warm.WarmUp;
import dev.quire.pagecache.writeback.Writeback;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A handle on a file whose pages are cached. Thread-safe; each thread works through a {@link
 * PageCursor} of its own. A file may be opened more than once, under any of its names: all handles
 * see the same pages and the same size, each may be read-only or not.
 *
 * <p>While it is open, nobody else should write the file: the cache would not see it.
 */
public final class PagedFile implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PagedFile.class.getName());

    private static final int INVALIDATE_ROUNDS_MAX = 3;

    private final SharedFile shared;
    private final AddressSpace space;
    private final CacheContext context;
    private final DirtyThrottle throttle;
    private final Writeback writeback;
    private final DirectIo directIo;
    private final boolean readOnly;
    private final @Nullable Path path;
    private final Set<CursorHint> hints;
    private final Set<PageCursor> cursors = ConcurrentHashMap.newKeySet();
    private final Set<FileChannel> channels = ConcurrentHashMap.newKeySet();
    private final Set<FileSnapshot> snapshots = ConcurrentHashMap.newKeySet();
    // What this handle was told of failed writes: each handle is told once.
    private final AtomicLong errorsTold;
    private volatile boolean ended;

    PagedFile(SharedFile shared, boolean readOnly, @Nullable Path path, Set<CursorHint> hints) {
        this.shared = shared;
        this.hints = hints;
        this.readOnly = readOnly;
        this.path = path;
        space = shared.space();
        context = shared.files().context();
        writeback = shared.files().writeback();
        throttle = readOnly ? new ReadOnlyGate() : shared.files().throttle();
        directIo =
                new DirectIo(
                        context, space, writeback, new BufferedTransfers(this, space, context));
        errorsTold = newListener();
        readIfNeeded(hints);
    }

    /**
     * A new cursor, on no page. Costs an object and an entry in a table: keep it, and close it.
     *
     * @return a cursor for one thread
     * @throws IllegalStateException if the file is closed
     */
    public PageCursor cursor() {
        return newCursor(hints);
    }

    /**
     * A new cursor, as {@link #cursor()}, for a certain kind of use, whatever the file was opened
     * for.
     *
     * @param hints what it will be used for
     * @return a cursor for one thread
     * @throws IllegalArgumentException if it is to read both in order and in none
     * @throws IllegalStateException if the file is closed
     */
    public PageCursor cursor(CursorHint... hints) {
        return newCursor(Set.of(hints));
    }

    private PageCursor newCursor(Set<CursorHint> hints) {
        checkOpen();
        ReadPattern pattern = new ReadPattern(order(hints));
        CursorCheck check = shared.files().newCheck();
        DropBehind behind =
                hints.contains(CursorHint.DROP_BEHIND)
                        ? new DropBehind(space, context.invalidation())
                        : null;
        PageCursor cursor = new PageCursor(this, space, context, throttle, check, behind, pattern);
        cursors.add(cursor);
        if (closed()) { // meanwhile: who closed it may not have seen this one
            cursor.close();
            checkOpen();
        }
        readIfNeeded(hints);
        return cursor;
    }

    private static ReadPattern.Order order(Set<CursorHint> hints) {
        checkOrder(hints);
        if (hints.contains(CursorHint.SEQUENTIAL)) {
            return ReadPattern.Order.SEQUENTIAL;
        }
        return hints.contains(CursorHint.RANDOM)
                ? ReadPattern.Order.RANDOM
                : ReadPattern.Order.UNKNOWN;
    }

    /** Fails if hints contradict each other. */
    static void checkOrder(Set<CursorHint> hints) {
        if (hints.contains(CursorHint.SEQUENTIAL) && hints.contains(CursorHint.RANDOM)) {
            throw new IllegalArgumentException(
                    "hints must not be both SEQUENTIAL and RANDOM: hints=" + new TreeSet<>(hints));
        }
    }

    private void readIfNeeded(Set<CursorHint> hints) {
        if (hints.contains(CursorHint.WILL_NEED) && !space.fenced()) {
            context.asyncReads().prefetchRange(space, 0, space.sizePages());
        }
    }

    /**
     * Several cursors, whose pages are read together.
     *
     * @param size how many, 1..{@link CursorGroup#SIZE_MAX}
     * @return a group for one thread; close it
     * @throws IllegalArgumentException if the size is none of these
     * @throws IllegalStateException if the file is closed
     */
    public CursorGroup cursorGroup(int size) {
        checkOpen();
        return new CursorGroup(this, context.asyncReads(), size);
    }

    /**
     * Sets how far this file is read ahead of who reads it in order, whatever the cache is
     * configured for; for all handles of the file, until the last is closed.
     *
     * @param bytes at least 0; below two pages nothing is read ahead; an eighth of the cache is the
     *     most that counts
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if the file is closed
     */
    public void readAheadBytes(long bytes) {
        checkOpen();
        context.readsAhead().limit(space, bytes);
    }

    /**
     * A new channel over the same pages, for whatever takes a {@link FileChannel}. Any number of
     * threads may use it; an interrupt does not close it; closing it leaves the file open, closing
     * the file closes it. It cannot be mapped. Locks of regions go to the real file, as other
     * processes see it.
     *
     * <p>The size is exact to the byte. What a reader gets of one page belongs together; what it
     * gets of several pages may be of before and of after a write that runs at the same time. An
     * append is whole: no other channel's write beyond the end and no truncate gets in between.
     *
     * <p>A write answers fewer bytes than it was given when a page failed that was not the first;
     * the next one then says why.
     *
     * @param options of READ, WRITE and APPEND (which cannot go with READ); none for all that the
     *     file allows
     * @return a channel at position 0
     * @throws IllegalArgumentException if an option is none of these, or the file is open for
     *     reading only
     * @throws IllegalStateException if the file is closed
     */
    public FileChannel channel(OpenOption... options) {
        checkOpen();
        ChannelMode mode = ChannelMode.of(this, options);
        FileChannel channel = new PagedFileChannel(this, mode, new FileBytes(this, space, context));
        channels.add(channel);
        if (closed()) {
            channels.remove(channel);
            checkOpen();
        }
        return channel;
    }

    void forget(FileChannel channel) {
        channels.remove(channel);
    }

    /**
     * What the file is now, for as long as the snapshot is open: its size and its pages, whether
     * they are cached, dirty or neither, whatever is written, cut off or punched out afterwards.
     * For backups, and for readers that must not see changes.
     *
     * <p>The moment is one in which no thread holds a write latch of the file: this waits for those
     * that are held, and writers that hold none wait meanwhile. So what a thread changes while it
     * holds several latches at once (a latch taken before the last one is released) is in the
     * snapshot as a whole or not at all; what it changes under one latch after the other may be
     * there in part. A snapshot makes nothing durable, and ends with the process.
     *
     * <p>While it is open, the first write to a page copies the page, and one that would not have
     * to read it does. Writers neither wait nor fail because of it: when there is no room for what
     * they replace ({@link SnapshotLimits}), the snapshot is lost. Several may be open at once.
     *
     * @return the snapshot; close it. It is closed with this handle
     * @throws dev.quire.pagecache.backing.WouldBlockException inside a hook, or a store of this
     *     file
     * @throws IllegalStateException if the file is closed, or the calling thread holds a latch
     */
    public FileSnapshot snapshot() {
        context.checkMayWait("snapshot", space);
        checkOpen();
        FileSnapshot snapshot =
                new FileSnapshot(
                        this,
                        space,
                        context,
                        space.snapshots().take(shared.files().spills().of(path)));
        snapshots.add(snapshot);
        if (closed()) { // meanwhile: who closed it may not have seen this one
            snapshot.close();
            checkOpen();
        }
        return snapshot;
    }

    void forget(FileSnapshot snapshot) {
        snapshots.remove(snapshot);
    }

    /**
     * A new scope for reads of several pages that are validated together.
     *
     * @return a scope for one thread, empty
     * @throws IllegalStateException if the file is closed
     */
    public ReadScope readScope() {
        checkOpen();
        return new ReadScope(this);
    }

    /** Whether a page lies inside the file. */
    boolean has(long page) {
        return page >= 0 && page < space.sizePages();
    }

    /** Whether a page is cached, or on its way in. */
    boolean caches(long page) {
        return page >= 0 && Slot.isResident(space.translation().slot(page));
    }

    void forget(PageCursor cursor) {
        if (cursors.remove(cursor)) {
            space.counters().accesses.add(cursor.accesses);
        }
    }

    /** Lookups of the cursors that are open. */
    long liveAccesses() {
        long sum = 0;
        for (PageCursor cursor : cursors) {
            sum += cursor.accesses;
        }
        return sum;
    }

    /**
     * What the cache has done for the file, all handles together, and what it holds of it.
     *
     * @return a snapshot, see {@link FileStats} for what may be stale
     */
    public FileStats stats() {
        return shared.stats();
    }

    /**
     * How long the file is, pages that are not written back yet included.
     *
     * @return bytes
     */
    public long sizeBytes() {
        return space.sizeBytes();
    }

    /**
     * How many pages the file has; the last one may be there in part.
     *
     * @return pages
     */
    public long sizePages() {
        return space.sizePages();
    }

    /**
     * The size of a page.
     *
     * @return bytes, as the cache was configured
     */
    public int pageBytes() {
        return context.pageBytes();
    }

    /**
     * What the file is called.
     *
     * @return its path, or the name it was mapped by
     */
    public String name() {
        return space.name();
    }

    /**
     * Whether pages go to and from the device without a copy in the kernel's cache.
     *
     * @return true when it was opened with DIRECT
     */
    public boolean direct() {
        return shared.direct();
    }

    /**
     * Grows the file by one page of zeros. The page is not cached by this; {@link
     * PageCursor#create} brings it in without a read.
     *
     * @return its index; no other call gets the same one
     * @throws dev.quire.pagecache.backing.WouldBlockException if the file is being truncated, and
     *     the calling thread holds a latch: release it, and call again
     * @throws java.io.UncheckedIOException if an earlier truncate could not cut the store, and it
     *     still cannot be cut
     * @throws IndexOutOfBoundsException if the file has as many pages as a file can have
     * @throws IllegalStateException if the file is closed, fenced or read-only
     */
    public long append() {
        checkWritable();
        space.lockToGrow(context.latches());
        try {
            space.checkWritable();
            long page = space.sizePages();
            if (page >= Translation.PAGES_MAX) {
                throw new IndexOutOfBoundsException(
                        "page must be below " + Translation.PAGES_MAX + ": page=" + page);
            }
            space.growTo(page);
            return page;
        } finally {
            space.sizeLock().unlock();
        }
    }

    /**
     * Starts reading pages that are not cached, and returns: a hint. Neighbours are read together,
     * many reads are under way at once, and whoever wants one of the pages meanwhile waits for that
     * read. Waits for nothing: when frames or places in the engine are short, the rest is left out.
     * A page whose read fails is left uncached, and the error to whoever reads it.
     *
     * @param pages page indices, at least 0, in any order; those beyond the end are left out
     * @throws IndexOutOfBoundsException if a page is negative
     * @throws IllegalStateException if the file is closed or fenced
     */
    public void prefetch(long... pages) {
        checkOpen();
        context.asyncReads().prefetch(space, pages);
    }

    /**
     * As {@link #prefetch}, for pages that follow each other.
     *
     * @param firstPage page index, at least 0
     * @param count how many pages, at least 0; those beyond the end are left out
     * @throws IndexOutOfBoundsException if the first page is negative
     * @throws IllegalArgumentException if the count is negative
     * @throws IllegalStateException if the file is closed or fenced
     */
    public void prefetchRange(long firstPage, long count) {
        checkOpen();
        context.asyncReads().prefetchRange(space, firstPage, count);
    }

    /**
     * Writes down which pages of the file are cached, which of them are on the main list, and in
     * which order they should stay, for {@link #warmUp} after a restart: 8 bytes a page. The dump
     * is durable afterwards, and replaces an older one as a whole, whenever the process dies. Costs
     * a walk over the cache's lists, during which misses wait: about 0.1 microseconds a page.
     *
     * @param dump where to; a file of its own for each file
     * @return how many pages
     * @throws IOException if it cannot be written; an older dump stays
     * @throws IllegalStateException if the file is closed
     */
    public int dumpHotPages(Path dump) throws IOException {
        checkOpen();
        return shared.warm().dump(dump);
    }

    /**
     * Has the hot pages dumped, as {@link #dumpHotPages}, when the last handle of the file is
     * closed. A dump that cannot be written is logged, and closing succeeds all the same.
     *
     * @param dump where to; replaces what an earlier call said
     * @throws IllegalStateException if the file is closed
     */
    public void dumpHotPagesAtClose(Path dump) {
        checkOpen();
        shared.warm().dumpAtClose(Objects.requireNonNull(dump, "dump"));
    }

    /**
     * Begins to bring in the pages that were hot when a dump was made, in the background and in the
     * order in which they lie in the file, and puts them in their places on the lists. It takes
     * only frames that are free, has few reads under way while others read, and ends by itself when
     * frames become short or the file is closed.
     *
     * <p>Call it before the file is changed: the dump of a file that was closed is taken only while
     * the file has the size and the time of its last change that it had then. The dump of an open
     * file is taken unless the file is shorter or older than it was. What is not taken costs one
     * line in the log.
     *
     * @param dump written by {@link #dumpHotPages} for this file
     * @return how it goes
     * @throws IllegalStateException if the file is closed or fenced
     */
    public WarmUp warmUp(Path dump) {
        checkOpen();
        space.checkFence();
        return shared.warm().load(Objects.requireNonNull(dump, "dump"));
    }

    /**
     * As {@link #readAsync(long, PageCompletion, Executor)}, the completion on a virtual thread of
     * its own, where it may wait.
     *
     * @param page page index, 0..sizePages-1
     * @param completion told when the page is cached, or cannot be
     */
    public void readAsync(long page, PageCompletion completion) {
        readAsync(page, completion, Thread::startVirtualThread);
    }

    /**
     * Brings a page in and tells of it; waits for nothing. For event loops: what {@link
     * PageCursor#tryRead} does not find is asked for here, and tried again when the completion
     * comes.
     *
     * <p>Either this throws, and the completion never runs, or the completion runs exactly once.
     *
     * @param page page index, 0..sizePages-1
     * @param completion told when the page is cached, or cannot be
     * @param executor where the completion runs; it must not run it on the calling thread. If it
     *     refuses, the completion runs on a virtual thread
     * @throws IndexOutOfBoundsException if the page lies beyond the end of the file
     * @throws IllegalStateException if the file is closed; or fenced, and the page not cached
     */
    public void readAsync(long page, PageCompletion completion, Executor executor) {
        Objects.requireNonNull(completion, "completion");
        Objects.requireNonNull(executor, "executor");
        checkOpen();
        context.asyncReads()
                .read(
                        space,
                        page,
                        failure -> tell(executor, () -> completion.complete(page, failure)));
    }

    private void tell(Executor executor, Runnable completion) {
        Runnable task = () -> context.callbacks().run("completion", space, completion);
        try {
            executor.execute(task);
        } catch (RuntimeException | Error e) {
            Thread.startVirtualThread(task);
        }
    }

    /**
     * Makes everything durable that was written before the call: writes the dirty pages, gives the
     * file its length (until then a direct file may be longer by less than a block of 4 KiB, or of
     * the device's if that is larger), then has the store sync itself. Who calls while a sync is
     * under way shares the next one.
     *
     * @throws WriteFailedException if a page could not be written, now or in the background since
     *     this handle was last told: it stays dirty, and a later sync tries again; or if the
     *     store's own sync failed, which fences the file
     * @throws dev.quire.pagecache.backing.FileFencedException if an earlier sync failed that way
     * @throws dev.quire.pagecache.backing.WouldBlockException if the engine holds pages back (its
     *     {@code beforeWrite} hook): the message names one and the log position it waits for; all
     *     others were written, but nothing was made durable. Make the log durable, and call again
     * @throws IllegalStateException if the file is closed, or the calling thread holds a latch
     */
    public void sync() throws WriteFailedException {
        checkOpen();
        writeback.sync(space, errorsTold);
    }

    /** As {@link #sync}, for a channel, which is told of write errors for itself. */
    void sync(AtomicLong channelsErrorsTold) throws WriteFailedException {
        checkOpen();
        writeback.sync(space, channelsErrorsTold);
    }

    /** Where somebody who is to be told of write errors begins to listen. */
    AtomicLong newListener() {
        return new AtomicLong(space.writeErrors().sample());
    }

    /**
     * Makes a range of pages durable, as {@link #sync} does everything.
     *
     * @param firstPage the first page, at least 0
     * @param count how many pages, at least 0; may reach beyond the end
     * @throws WriteFailedException as {@link #sync}
     * @throws dev.quire.pagecache.backing.FileFencedException if an earlier sync failed
     * @throws dev.quire.pagecache.backing.WouldBlockException as {@link #sync}
     * @throws IllegalStateException if the file is closed, or the calling thread holds a latch
     */
    public void syncRange(long firstPage, long count) throws WriteFailedException {
        checkOpen();
        writeback.syncRange(space, firstPage, endOf(firstPage, count), errorsTold);
    }

    /**
     * Writes the dirty pages of a range to the store. They are not durable by that; a later {@link
     * #sync} finds less to do.
     *
     * @param firstPage the first page, at least 0
     * @param count how many pages, at least 0; may reach beyond the end
     * @throws WriteFailedException if a page could not be written, now or in the background since
     *     this handle was last told: it stays dirty
     * @throws dev.quire.pagecache.backing.FileFencedException if an earlier sync failed
     * @throws dev.quire.pagecache.backing.WouldBlockException as {@link #sync}
     * @throws IllegalStateException if the file is closed, or the calling thread holds a latch
     */
    public void flush(long firstPage, long count) throws WriteFailedException {
        checkOpen();
        writeback.flushRange(space, firstPage, endOf(firstPage, count), errorsTold);
    }

    /**
     * Drops pages from the cache that can be dropped at once, so that they are read again: those
     * that are clean, and that nobody holds, fills or latches. Waits for nothing.
     *
     * @param firstPage page index, at least 0
     * @param count how many pages, at least 0
     * @return how many were dropped
     * @throws IllegalStateException if the file is closed
     */
    public long tryInvalidate(long firstPage, long count) {
        long end = endOf(firstPage, count);
        checkOpen();
        return context.invalidation().tryInvalidate(space, firstPage, end);
    }

    /**
     * Drops pages from the cache, so that they are read again. Writes dirty ones back first, and
     * waits for fills, latches and write-back; but a page stays that is pinned, that its store does
     * not release ({@code releasePage}), or that is written again and again meanwhile.
     *
     * @param firstPage page index, at least 0
     * @param count how many pages, at least 0
     * @return how many pages stayed; 0 when all are gone
     * @throws WriteFailedException if a dirty page could not be written; it stays
     * @throws dev.quire.pagecache.backing.WouldBlockException if the engine holds dirty pages of
     *     the range back, as {@link #sync}
     * @throws IllegalStateException if the file is closed or fenced, or the calling thread holds a
     *     latch
     */
    public long invalidate(long firstPage, long count) throws WriteFailedException {
        long end = endOf(firstPage, count);
        context.checkMayWait("invalidate", space);
        checkOpen();
        space.directTransfers().awaitOver();
        long stayed = 0;
        for (int round = 0; round < INVALIDATE_ROUNDS_MAX; round++) {
            writeback.flushRange(space, firstPage, end, errorsTold);
            stayed = context.invalidation().invalidate(space, firstPage, end);
            if (stayed == 0) {
                break;
            }
        }
        return stayed;
    }

    // ---- direct transfers

    /**
     * Reads bytes of the file directly, from its store into a segment, past the cache: for what is
     * read once, or in pieces that are not pages. Coherent with the cached pages: the bytes of
     * every write that has returned are seen, one that runs at the same time may be seen or not, or
     * in part. Dirty pages of the range are written back first; the pages stay. Where the engine
     * holds one back ({@code beforeWrite}), all is read through the cache instead.
     *
     * <p>Without DIRECT among the options of the file, the kernel's cache is between.
     *
     * @param into native memory to fill; its length, its address and the position must be multiples
     *     of {@link #directAlignment} and {@link #directMemoryAlignment}. Behind the bytes that are
     *     answered its contents are undefined
     * @param position where the bytes begin in the file, at least 0
     * @return how many: fewer than asked only if the file ended there when the read began; 0 at or
     *     beyond its end
     * @throws IOException if they cannot be read
     * @throws WriteFailedException if a dirty page of the range cannot be written
     * @throws IllegalArgumentException if something is not aligned, or the memory cannot be used;
     *     nothing has happened then
     * @throws UnsupportedOperationException if the file has hooks that do not allow it ({@link
     *     dev.quire.pagecache.backing.PageHooks#allowsDirect}), or the store has no direct I/O
     *     ({@link dev.quire.pagecache.backing.AddressSpaceOps#directStore})
     * @throws IllegalStateException if the file is closed or fenced, or the calling thread holds a
     *     latch
     */
    public long readDirect(MemorySegment into, long position) throws IOException {
        checkOpen();
        return directIo.read(into, position);
    }

    /**
     * As {@link #readDirect(MemorySegment, long, DirectCompletion, Executor)}, the completion on a
     * virtual thread of its own, where it may wait.
     *
     * @param into native memory to fill, not of a confined arena
     * @param position where the bytes begin in the file
     * @param completion told of the end
     */
    public void readDirect(MemorySegment into, long position, DirectCompletion completion) {
        readDirect(into, position, completion, Thread::startVirtualThread);
    }

    /**
     * As {@link #readDirect(MemorySegment, long)}, but tells of the end; waits for nothing but a
     * place in the engine's queue: if dirty pages have to be written back first, a virtual thread
     * waits for that.
     *
     * <p>Either this throws, and the completion never runs, or the completion runs exactly once.
     *
     * @param into native memory to fill, not of a confined arena; the file's until the completion
     * @param position where the bytes begin in the file
     * @param completion told of the end
     * @param executor where the completion runs: {@code Runnable::run} for the thread of the engine
     *     or of the cache that finds it over, where it must not wait. If it refuses, the completion
     *     runs on a virtual thread
     */
    public void readDirect(
            MemorySegment into, long position, DirectCompletion completion, Executor executor) {
        checkDirect(completion, executor);
        directIo.read(into, position, completion::complete, executor);
    }

    /**
     * As {@link #readDirect(MemorySegment, long, DirectCompletion, Executor)}, if it can be begun
     * at once; may be called with a latch held.
     *
     * @param into native memory to fill, not of a confined arena; the file's until the completion
     * @param position where the bytes begin in the file
     * @param completion told of the end, if this answers true
     * @param executor where the completion runs
     * @return false for "again": a page of the range is dirty, or the file is being cut. Nothing
     *     has happened then, and the completion never runs
     */
    public boolean tryReadDirect(
            MemorySegment into, long position, DirectCompletion completion, Executor executor) {
        checkDirect(completion, executor);
        return directIo.tryRead(into, position, completion::complete, executor);
    }

    /**
     * Writes bytes to the file directly, from a segment to its store, past the cache; the file
     * grows if they end beyond its end. When this returns every read sees them; they are durable
     * after a {@link #sync}, as all that is written.
     *
     * <p>Cached pages of the range are written back and dropped first, and those that optimistic
     * reads bring in meanwhile when the bytes are in the store: a read beside the write may see a
     * page half old and half new, one that begins after it sees the bytes. If a page stays (it is
     * pinned, its store does not release it, the engine holds it back, or it is used all the time),
     * the bytes are written through the cache instead. Meanwhile pins and latches of the range
     * wait. If a page cannot be dropped at the end, the write has succeeded all the same; the next
     * {@code sync} of each handle reports it, and {@link PageCacheStats#stalePages} counts it.
     *
     * <p>After a failure the contents of the range are undefined, as far as it lies inside the
     * file.
     *
     * @param from native memory to be written; aligned as that of {@link #readDirect}
     * @param position where it begins in the file, at least 0
     * @return how many bytes: always all
     * @throws IOException if not all of them were written
     * @throws WriteFailedException if a dirty page of the range cannot be written; nothing else was
     * @throws IllegalArgumentException as {@link #readDirect}
     * @throws UnsupportedOperationException as {@link #readDirect}
     * @throws IllegalStateException if the file is closed, fenced or read-only, or the calling
     *     thread holds a latch
     */
    public long writeDirect(MemorySegment from, long position) throws IOException {
        checkWritable();
        return directIo.write(from, position);
    }

    /**
     * As {@link #writeDirect(MemorySegment, long, DirectCompletion, Executor)}, the completion on a
     * virtual thread of its own, where it may wait.
     *
     * @param from native memory to be written, not of a confined arena
     * @param position where it begins in the file
     * @param completion told of the end
     */
    public void writeDirect(MemorySegment from, long position, DirectCompletion completion) {
        writeDirect(from, position, completion, Thread::startVirtualThread);
    }

    /**
     * As {@link #writeDirect(MemorySegment, long)}, but tells of the end; waits for nothing but a
     * place in the engine's queue: if pages have to be written back, waited for or kept for a
     * snapshot first, a virtual thread does that.
     *
     * <p>Either this throws, and the completion never runs, or the completion runs exactly once;
     * every read that begins then sees the bytes.
     *
     * @param from native memory to be written, not of a confined arena; the file's until the
     *     completion
     * @param position where it begins in the file
     * @param completion told of the end
     * @param executor where the completion runs, as that of {@link #readDirect}
     */
    public void writeDirect(
            MemorySegment from, long position, DirectCompletion completion, Executor executor) {
        checkDirect(completion, executor);
        checkWritable();
        directIo.write(from, position, completion::complete, executor);
    }

    /**
     * As {@link #writeDirect(MemorySegment, long, DirectCompletion, Executor)}, if it can be begun
     * at once; may be called with a latch held.
     *
     * @param from native memory to be written, not of a confined arena; the file's until the
     *     completion
     * @param position where it begins in the file
     * @param completion told of the end, if this answers true
     * @param executor where the completion runs
     * @return false for "again": a page of the range is cached, or is to be kept for a snapshot
     *     first, or the file is being cut. Nothing has happened then, and the completion never runs
     */
    public boolean tryWriteDirect(
            MemorySegment from, long position, DirectCompletion completion, Executor executor) {
        checkDirect(completion, executor);
        checkWritable();
        return directIo.tryWrite(from, position, completion::complete, executor);
    }

    private void checkDirect(DirectCompletion completion, Executor executor) {
        Objects.requireNonNull(completion, "completion");
        Objects.requireNonNull(executor, "executor");
        checkOpen();
    }

    /**
     * What position and length of direct reads and writes must be a multiple of.
     *
     * @return bytes, a power of two, at most a page; 1 for a file opened without DIRECT
     * @throws UnsupportedOperationException as {@link #readDirect}
     */
    public int directAlignment() {
        return directIo.store().alignmentBytes();
    }

    /**
     * What the address of the memory of direct reads and writes must be a multiple of.
     *
     * @return bytes, a power of two; 1 for a file opened without DIRECT
     * @throws UnsupportedOperationException as {@link #readDirect}
     */
    public int directMemoryAlignment() {
        return directIo.store().memoryAlignmentBytes();
    }

    /**
     * Moves a cached page to another frame of the cache, dirty or not. Waits for nothing and reads
     * nothing. Who reads the page meanwhile reads it again, who latches it waits for about a
     * microsecond; a pinned page stays where it is.
     *
     * <p>May be called from anywhere but {@code PageHooks}. {@link PageCache#compact} moves many.
     *
     * @param page page index, at least 0
     * @return MOVED; else nothing was changed, and the answer says why
     * @throws IndexOutOfBoundsException if the page is negative
     * @throws IllegalStateException if the file is closed
     */
    public RelocationOutcome relocate(long page) {
        if (page < 0) {
            throw new IndexOutOfBoundsException("page must be at least 0: page=" + page);
        }
        checkOpen();
        context.callbacks().checkNotInHook("relocate", "the page that the hook is about");
        return context.relocation().relocate(space, page);
    }

    /**
     * Makes a range of the file zeros, and gives its space in the store back where whole pages lie
     * in it; a store that cannot do that gets zeros written. The size stays; what lies beyond it is
     * left out. Waits for latches, fills and write-back of those pages; what is pinned of them
     * stays readable until its release, see {@link PageCursor#detached}. A write to the range at
     * the same time comes before or after.
     *
     * <p>After an exception each page of the range holds what it held before, or zeros, or what the
     * store has of it, which is older where the cached page was dirty: punch again, or write it.
     *
     * @param position where the range begins, at least 0
     * @param bytes how many, at least 0
     * @throws IOException if the zeros at the edges, or in place of a hole, could not be written
     * @throws IllegalStateException if the file is closed, fenced or read-only, or the calling
     *     thread holds a latch
     */
    public void punchHole(long position, long bytes) throws IOException {
        if (position < 0 || bytes < 0) {
            throw new IllegalArgumentException(
                    "range must be at least 0: position=" + position + ", bytes=" + bytes);
        }
        context.checkMayWait("punchHole", space);
        checkWritable();
        try (FileBytes range = new FileBytes(this, space, context)) {
            range.punch(position, bytes);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static long endOf(long firstPage, long count) {
        if (firstPage < 0 || count < 0) {
            throw new IllegalArgumentException(
                    "range must be at least 0: firstPage=" + firstPage + ", count=" + count);
        }
        return count > Long.MAX_VALUE - firstPage ? Long.MAX_VALUE : firstPage + count;
    }

    private void checkOpen() {
        if (closed()) {
            throw new IllegalStateException("file is closed: file=" + space.name());
        }
    }

    /** Fails unless this handle may write. */
    void checkWritable() {
        checkOpen();
        if (readOnly) {
            throw ReadOnlyGate.refused(space);
        }
        space.checkWritable();
    }

    /** Whether it is closed, or being closed. */
    boolean closed() {
        return ended || space.closed();
    }

    /**
     * Whether this handle refuses writes.
     *
     * @return true if it was opened without WRITE
     */
    public boolean readOnly() {
        return readOnly;
    }

    /** Where it is; null when it is no file. */
    @Nullable Path path() {
        return path;
    }

    /**
     * How far the engine's log may be cut: changes at this position and after it may not be durable
     * in this file yet. Counts what {@link PageCursor#lsn} was told, until a sync that began after
     * the page was written has succeeded; also pages cut off, until the next sync. Ask the log for
     * its end first: a change whose {@code lsn} call has not returned yet is not counted.
     *
     * <p>Costs a walk over the dirty pages of the file.
     *
     * @return the lowest position that is still needed; {@link Long#MAX_VALUE} when none is
     */
    public long oldestDirtyLsn() {
        return context.lsns().oldestDirty(space);
    }

    /**
     * Cuts the file, or extends it by zeros. Pages cut off are dropped, dirty or not; what is
     * pinned of them stays readable until its release, see {@link PageCursor#detached}. Waits for
     * latches, fills and write-back of those pages.
     *
     * <p>Where pages are stamped as they are written, a page that is cut inside is brought in, and
     * dirty afterwards, so that it is stamped anew: until it is written, the stamp that the store
     * has of it is wrong.
     *
     * @param bytes the new size
     * @throws IOException if the store refused; the file has the new size all the same, and the
     *     store gets it at the next sync
     * @throws dev.quire.pagecache.backing.PageReadException if a page that has to be brought in
     *     cannot be read; nothing is changed then
     * @throws IllegalStateException if the file is closed, fenced or read-only, or the calling
     *     thread holds a latch
     */
    public void truncate(long bytes) throws IOException {
        if (bytes < 0) {
            throw new IllegalArgumentException("size must be at least 0: bytes=" + bytes);
        }
        context.checkMayWait("truncate", space);
        checkWritable();
        shared.cut(bytes);
    }

    /** As {@link #truncate}, but never extends the file. */
    void shorten(long bytes) throws IOException {
        context.checkMayWait("truncate", space);
        checkWritable();
        shared.shorten(bytes);
    }

    /**
     * Makes everything durable that was written before, and closes this handle, its cursors, its
     * channels and its snapshots; the last handle of a file drops the pages and closes the store.
     * Waits for other threads' latches; the last handle also for direct transfers, until their
     * completions have run (an executor that drops one keeps it from being closed); what is pinned
     * stays readable until its release. Cursors that are still open can be closed afterwards, and
     * nothing else. Closing twice does nothing.
     *
     * <p>A file that a handle was opened on with {@code DELETE_ON_CLOSE} is deleted with the last
     * one, and nothing more of it is written.
     *
     * @throws WriteFailedException if not everything could be made durable: the handle then stays
     *     open, the pages dirty, so that closing can be tried again, and {@link PageCache#close}
     *     gives up in the end; unless a sync failed and fenced the file: then it is closed, and the
     *     message of the last handle says how many pages were lost
     * @throws dev.quire.pagecache.backing.WouldBlockException if the engine holds pages back, as
     *     {@link #sync}: the handle stays open
     * @throws IllegalStateException if the calling thread holds a latch, or runs a completion of a
     *     direct transfer that this, or another thread that closes the file, waits for
     */
    @Override
    public void close() throws IOException {
        context.checkMayWait("close", space);
        shared.close(this);
    }

    /**
     * Gives up what is not durable yet: for an engine that cannot keep its own promises any more,
     * because its log failed, say. From now on the file is as after a failed sync, for all handles,
     * see {@link dev.quire.pagecache.backing.FileFencedException}: no sync and no write-back of it
     * begins (one that has begun goes on), and {@link #close} drops the dirty pages, and says how
     * many. A file that is opened again after that is what the store has. Any thread, also one that
     * holds latches, or is inside a hook; waits for nothing. A handle that is closed does nothing.
     *
     * @param cause why, to be told to whoever is refused; the first one is
     */
    public void fence(Throwable cause) {
        Objects.requireNonNull(cause, "cause");
        if (!ended) {
            space.fence(cause);
        }
    }

    /** What it was told of failed writes. */
    AtomicLong errorsTold() {
        return errorsTold;
    }

    /** It is closed: nothing of it works any more. */
    void ended() {
        ended = true;
        closeChannels();
        snapshots.forEach(FileSnapshot::close);
        cursors.forEach(PageCursor::end);
    }

    private void closeChannels() {
        for (FileChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) { // its locks are gone all the same
                LOG.log(Level.WARNING, "a channel did not close well: " + channel, e);
            }
        }
    }

    AddressSpace space() {
        return space;
    }

    @Override
    public String toString() {
        return "PagedFile[" + space.name() + ", sizeBytes=" + sizeBytes() + "]";
    }
}
