package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.core.FileCounters;
import dev.quire.pagecache.core.JoinedRuns;
import dev.quire.pagecache.readahead.ReadAhead;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One file's pages: its size, its translation, and the store behind it.
 *
 * <p>Lock order: {@link #appendLock}, then {@link #sizeLock}, then the LOCKED flag of a page, then
 * a latch, then a list lock. Reads of pages take none of them.
 */
public final class AddressSpace {
    private static final long GROW_POLL_NANOS = 50_000;

    private final int id;
    private final String name;
    private final AddressSpaceOps ops;
    private volatile boolean readOnly;
    private final int pageShift;
    private final Translation translation;
    private final FileCounters counters;
    private final AtomicLong dirtyPages = new AtomicLong();
    private final WriteErrors writeErrors = new WriteErrors();
    private final StoreLane lane;
    private final Callbacks callbacks;
    private final StoreWrites writes = new StoreWrites();
    private final Departures departures = new Departures();
    private final DirectTransfers directTransfers = new DirectTransfers();
    private final Gate gate = new Gate();
    private final DirectWrites directWrites = new DirectWrites(gate);
    private final StoreLane directLane;
    private final JoinedRuns syncs = new JoinedRuns();
    private final ReadAhead readAhead = new ReadAhead();
    private final StoreHooks hooks;
    private final Snapshots snapshots;
    private final boolean stampsPages;

    // Held by who changes the size; by growth until the new page is in its slot.
    private final ReentrantLock sizeLock = new ReentrantLock();
    // Held through a write of bytes beyond the end, so that appends are whole.
    private final ReentrantLock appendLock = new ReentrantLock();
    // Held while the store syncs itself: who comes second must see that the first one failed.
    private final ReentrantLock durabilityLock = new ReentrantLock();

    private volatile long sizeBytes;
    private volatile long wholePages;
    private volatile @Nullable Throwable fence;
    private volatile boolean closed;
    private volatile boolean cutting;
    private volatile @Nullable Epoch epoch;
    private boolean storeLeft; // under durabilityLock and sizeLock

    // Pages that are being punched out of the store: none may come in. None when the end is 0.
    private volatile long punchFirst;
    private volatile long punchEnd;

    // The store could not be cut to sizeBytes, and is longer; under sizeLock.
    private boolean cutPending;

    AddressSpace(
            int id,
            String name,
            AddressSpaceOps ops,
            boolean readOnly,
            int pageShift,
            SlotMemory slots,
            long sizeBytes,
            StoreLane lane,
            StoreLane directLane,
            CacheContext context) {
        this.id = id;
        this.lane = lane;
        this.directLane = directLane;
        callbacks = context.callbacks();
        counters = new FileCounters(context.counters());
        snapshots = new Snapshots(this, context);
        this.name = name;
        this.ops = ops;
        this.readOnly = readOnly;
        hooks = StoreHooks.of(ops);
        stampsPages = ops.stampsPages();
        this.pageShift = pageShift;
        translation = new Translation(slots);
        size(sizeBytes);
        gate.shut(Gate.NOT_WRITABLE, readOnly);
    }

    /**
     * Opens an address space over a store, at the store's size.
     *
     * @param context the cache
     * @param name for messages
     * @param ops the store
     * @param readOnly whether writes are refused
     * @return a new address space of that cache
     * @throws IOException if the store does not tell its size
     */
    public static AddressSpace open(
            CacheContext context, String name, AddressSpaceOps ops, boolean readOnly)
            throws IOException {
        long sizeBytes = ops.sizeBytes();
        int shift = context.pageShift();
        StoreLane lane = new StoreLane(context.threads());
        // Not the same one: the end of a direct write waits for fills, whose ends run in the other.
        StoreLane directLane = new StoreLane(context.threads());
        return context.spaces()
                .add(
                        id ->
                                new AddressSpace(
                                        id,
                                        name,
                                        ops,
                                        readOnly,
                                        shift,
                                        context.slotMemory(),
                                        sizeBytes,
                                        lane,
                                        directLane,
                                        context));
    }

    /**
     * The number that the owner column of its frames holds.
     *
     * @return at least 1
     */
    public int id() {
        return id;
    }

    /**
     * What it is called in messages.
     *
     * @return a file's path, for example
     */
    public String name() {
        return name;
    }

    /**
     * The store.
     *
     * @return what was given to {@link #open}
     */
    public AddressSpaceOps ops() {
        return ops;
    }

    /** Which foreign code is to be called when a page comes, changes or goes. */
    StoreHooks hooks() {
        return hooks;
    }

    /** Where what the store may take long over is run. */
    StoreLane lane() {
        return lane;
    }

    /**
     * From page numbers to slots.
     *
     * @return the translation
     */
    public Translation translation() {
        return translation;
    }

    /**
     * What is counted of this space.
     *
     * @return the counters
     */
    public FileCounters counters() {
        return counters;
    }

    /**
     * Pages of this space that are marked dirty.
     *
     * @return the counter
     */
    public AtomicLong dirtyPages() {
        return dirtyPages;
    }

    /**
     * Failed write-backs that nobody was told of yet.
     *
     * @return their record
     */
    public WriteErrors writeErrors() {
        return writeErrors;
    }

    /**
     * The lock of who changes the size.
     *
     * @return outermost in the lock order, {@link #appendLock} apart
     */
    public ReentrantLock sizeLock() {
        return sizeLock;
    }

    /**
     * The lock of who writes bytes beyond the end. Its holder waits for latches and frames.
     *
     * @return outside {@link #sizeLock}; never waited for by a thread that holds a latch
     */
    public ReentrantLock appendLock() {
        return appendLock;
    }

    /**
     * The writes to the store.
     *
     * @return what is known of them
     */
    public StoreWrites writes() {
        return writes;
    }

    /** The pages on their way out. */
    Departures departures() {
        return departures;
    }

    /**
     * The direct reads and writes.
     *
     * @return how many are under way, and how to keep them out
     */
    public DirectTransfers directTransfers() {
        return directTransfers;
    }

    /** What a pin or a latch has to ask. */
    Gate gate() {
        return gate;
    }

    /**
     * The direct writes.
     *
     * @return which pages they cover
     */
    public DirectWrites directWrites() {
        return directWrites;
    }

    /**
     * Where direct writes are brought to their end, which may take locks.
     *
     * @return runs a task soon, on a thread of the cache
     */
    public Executor directLane() {
        return directLane;
    }

    /**
     * The syncs of the whole space.
     *
     * @return one at a time, shared by those who asked before it began
     */
    public JoinedRuns syncs() {
        return syncs;
    }

    /**
     * What it was at certain moments.
     *
     * @return the snapshots that are open
     */
    public Snapshots snapshots() {
        return snapshots;
    }

    /** What snapshots want of a page that is to be stored into; null while there is none. */
    @Nullable Epoch epoch() {
        return epoch;
    }

    void epoch(@Nullable Epoch epoch) {
        this.epoch = epoch;
        gate.shut(Gate.SNAPSHOTS, epoch != null);
    }

    /**
     * Asked by who has latched a page, before he stores into it: keeps what snapshots want of it.
     *
     * @param frame where it is, latched exclusively by the caller, who gives the latch back if
     *     refused
     * @return false if he holds no other latch, and has to wait by {@link Snapshots#awaitTaken}
     */
    public boolean admits(int frame) {
        Epoch now = epoch;
        return now == null || now.admits(frame);
    }

    /**
     * Who reads it in order, and how far ahead of him it is read.
     *
     * @return the streams; nothing is read ahead until {@link ReadsAhead#limit} was called
     */
    public ReadAhead readAhead() {
        return readAhead;
    }

    /**
     * Whether images are changed before they are written.
     *
     * @return what the hooks said when the space was opened
     */
    public boolean stampsPages() {
        return stampsPages;
    }

    /**
     * The lock of who has the store sync itself.
     *
     * @return innermost: nothing else is taken under it
     */
    public ReentrantLock durabilityLock() {
        return durabilityLock;
    }

    /**
     * Whether its dirty pages cannot be written at present, or ever: they count against it alone.
     *
     * @return true after a failed write-back until one succeeds, while the store hangs, and once
     *     fenced
     */
    public boolean stuck() {
        return fence != null || writeErrors.current() != null || writes.hung();
    }

    /**
     * Dirty pages that write-back cannot clean at present: they count against this space alone.
     *
     * @return all when stuck, else those that the engine holds back
     */
    public long unwritablePages() {
        return stuck() ? dirtyPages.get() : heldPages();
    }

    /**
     * Pages that the engine held back when they were last to be written, and may still.
     *
     * @return at most those that are dirty: some may have been cut off since
     */
    public long heldPages() {
        return Math.min(writes.heldPages(), dirtyPages.get());
    }

    // ---- size

    /**
     * How long the content is.
     *
     * @return bytes
     */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * How many pages the content takes, the last one perhaps in part.
     *
     * @return pages
     */
    public long sizePages() {
        return pagesFor(sizeBytes);
    }

    /**
     * How many pages lie wholly inside the content. A write to a later one grows it first.
     *
     * @return pages
     */
    public long wholePages() {
        return wholePages;
    }

    /**
     * Changes the size.
     *
     * @param bytes the new size; the caller holds {@link #sizeLock}
     */
    void size(long bytes) {
        sizeBytes = bytes;
        wholePages = bytes >>> pageShift;
    }

    /**
     * Grows the content so that it ends with a page; never shrinks it.
     *
     * @param page page index; the caller holds {@link #sizeLock}
     * @throws UncheckedIOException if the store still has content there that was cut, and cannot
     *     cut it
     */
    public void growTo(long page) {
        growToBytes((page + 1) << pageShift);
    }

    /**
     * Grows the content to an exact size; never shrinks it.
     *
     * @param bytes the size; the caller holds {@link #sizeLock}
     * @throws UncheckedIOException as {@link #growTo}
     */
    public void growToBytes(long bytes) {
        if (bytes > sizeBytes) {
            checkCut();
            size(bytes);
        }
    }

    /**
     * The store has content up to a position: a direct write has put it there. Never shrinks the
     * content.
     *
     * @param bytes where it ends; the caller holds {@link #sizeLock}
     */
    public void reached(long bytes) {
        if (bytes > sizeBytes) {
            size(bytes);
        }
    }

    /**
     * Fails unless the content may grow.
     *
     * @throws UncheckedIOException if the store still has content behind the end that was cut, and
     *     cannot cut it; the caller holds {@link #sizeLock}
     */
    public void checkCut() {
        try {
            cutStore();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Says whether the store is longer than the content because it could not be cut.
     *
     * @param pending whether so; the caller holds {@link #sizeLock}
     */
    public void cutPending(boolean pending) {
        cutPending = pending;
    }

    /**
     * Cuts the store if that has failed before: else growth would bring back what was cut.
     *
     * @throws IOException if it failed again; the caller holds {@link #sizeLock}
     */
    void cutStore() throws IOException {
        // Not from under a direct write beyond the end: what failed there is cut off after it.
        if (cutPending && !directWrites.anyExtending()) {
            callbacks.truncate(this, sizeBytes);
            cutPending = false;
        }
    }

    /**
     * How many pages so many bytes take.
     *
     * @param bytes at least 0
     * @return pages, rounded up
     */
    public long pagesFor(long bytes) {
        return (bytes + (1L << pageShift) - 1) >>> pageShift;
    }

    /**
     * Takes {@link #sizeLock} to grow the content. A truncate waits for latches while it holds the
     * lock, so that a thread that holds a latch may not wait for a truncate.
     *
     * @param latches who holds latches
     * @throws WouldBlockException if the content is being cut, and this thread holds a latch
     */
    public void lockToGrow(LatchHolders latches) {
        if (!sizeLock.isHeldByCurrentThread() && sizeLock.tryLock()) {
            return;
        }
        // Not inside a truncate's callback, nor where a truncate may wait for the page.
        callbacks.checkMayStart("growth", this);
        latches.giveWay();
        if (!latches.anyMine()) {
            sizeLock.lock();
            return;
        }
        while (!sizeLock.tryLock()) { // ends: whoever else holds it waits for no latch
            if (cutting) {
                throw new WouldBlockException(
                        name, "growth", "a truncate that waits for this thread's latch");
            }
            LockSupport.parkNanos(GROW_POLL_NANOS);
        }
    }

    /**
     * Says whether the content is being cut.
     *
     * @param cutting true from before the first wait for a latch; the caller holds {@link
     *     #sizeLock}
     */
    void cutting(boolean cutting) {
        this.cutting = cutting;
    }

    /**
     * Says which pages are being punched out of the store.
     *
     * @param firstPage the first page
     * @param endPage the page after the last, 0 for none; the caller holds {@link #sizeLock}
     */
    void punching(long firstPage, long endPage) {
        punchEnd = 0;
        punchFirst = firstPage;
        punchEnd = endPage;
    }

    /**
     * Whether a page is being punched out of the store. Asked after it was inserted, to be read.
     *
     * @param page page index
     * @return true if it may not be read now
     */
    boolean punched(long page) {
        return page < punchEnd && page >= punchFirst;
    }

    /**
     * Waits until pages may be read again.
     *
     * @param latches who holds latches
     * @throws WouldBlockException if this thread holds a latch, for which the punch may wait
     */
    void awaitPunched(LatchHolders latches) {
        lockToGrow(latches);
        sizeLock.unlock();
    }

    /** Why a page that is being punched out is not read. */
    WouldBlockException beingPunched() {
        return new WouldBlockException(name, "read", "a hole that is being punched: try again");
    }

    // ---- life

    /**
     * Refuses writes from now on, because nobody knows what is durable.
     *
     * @param cause the sync that failed, or what the program gave up for; the first one stays
     */
    public synchronized void fence(Throwable cause) {
        fence = fence == null ? cause : fence;
        gate.shut(Gate.NOT_WRITABLE, true);
    }

    /**
     * Why writes are refused.
     *
     * @return the first {@link #fence}'s cause; null when there was none
     */
    public @Nullable Throwable fence() {
        return fence;
    }

    /**
     * Whether a sync of it failed, or the program gave it up.
     *
     * @return true once {@link #fence} was called
     */
    public boolean fenced() {
        return fence != null;
    }

    /**
     * Closes it, or opens it again when closing failed: while it is closed, no page may come in and
     * none be written.
     *
     * @param closed whether it is closed now
     */
    synchronized void markClosed(boolean closed) {
        this.closed = closed;
        gate.shut(Gate.NOT_WRITABLE, closed || readOnly || fence != null);
    }

    /** Nothing is asked of the store from now on: it is going to be closed. */
    void leaveStore() {
        durabilityLock.lock();
        sizeLock.lock();
        try {
            storeLeft = true;
        } finally {
            sizeLock.unlock();
            durabilityLock.unlock();
        }
    }

    /**
     * Fails if the store is closed, or about to be. For who may have passed {@link #checkOpen} long
     * ago: a sync; the caller holds {@link #sizeLock} or {@link #durabilityLock}.
     */
    public void checkStore() {
        if (storeLeft) {
            throw closedFile();
        }
    }

    private IllegalStateException closedFile() {
        return new IllegalStateException("file is closed: file=" + name);
    }

    /** The store can be written from now on. */
    public synchronized void allowWrites() {
        readOnly = false;
        gate.shut(Gate.NOT_WRITABLE, closed || fence != null);
    }

    /**
     * Whether it is closed.
     *
     * @return true from the start of its close on
     */
    public boolean closed() {
        return closed;
    }

    /**
     * Whether the store can only be read.
     *
     * @return what was given to {@link #open}, until {@link #allowWrites}
     */
    public boolean readOnly() {
        return readOnly;
    }

    /** Fails unless pages may be brought in. */
    public void checkOpen() {
        if (closed) {
            throw closedFile();
        }
        checkFence();
    }

    /** Fails after a failed sync. */
    public void checkFence() {
        Throwable cause = fence;
        if (cause != null) {
            throw new FileFencedException(name, cause);
        }
    }

    /** Fails unless pages may be written. */
    public void checkWritable() {
        checkOpen();
        if (readOnly) {
            throw new IllegalStateException("file is open for reading only: file=" + name);
        }
    }

    @Override
    public String toString() {
        return "AddressSpace[" + name + ", id=" + id + ", sizeBytes=" + sizeBytes + "]";
    }
}
