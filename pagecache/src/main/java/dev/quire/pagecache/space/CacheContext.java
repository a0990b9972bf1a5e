package dev.quire.pagecache.space;

import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.core.CacheCounters;
import dev.quire.pagecache.core.FrameWaits;
import dev.quire.pagecache.core.Stalls;
import dev.quire.pagecache.events.StallKind;
import dev.quire.pagecache.lru.Replacement;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/** What all address spaces of one cache share, and the ways in and out of it. */
public final class CacheContext {
    private static final int THREAD_IDLE_SECONDS = 5;

    private final PageAllocator allocator;
    private final FrameTable frames;
    private final Replacement lru;
    private final int pageShift;
    private final FrameWaits waits;
    private final CacheCounters counters = new CacheCounters();
    private final SpaceTable spaces = new SpaceTable();
    private final SlotMemory slotMemory = SlotMemory.reserved();
    private final LatchHolders latches = new LatchHolders();
    private final PrivateData privateData;
    private final Callbacks callbacks;
    private final ReservedFrames.Source newFrames;
    private final Faults faults;
    private final AsyncReads asyncReads;
    private final ReadsAhead readsAhead;
    private final Growth growth;
    private final Removal removal;
    private final Relocation relocation;
    private final ShadowSweep shadowSweep;
    private final Truncation truncation;
    private final Invalidation invalidation;
    private final HolePunch holePunch;
    private final ImageMemory images;
    private final DirtyMarks dirtyMarks;
    private final PageLsns lsns;
    private final ExecutorService threads;
    private final ThreadFactory readers;

    /**
     * The shared part of a new cache.
     *
     * @param allocator where frames come from; its frames are the cache's pages
     * @param lru who goes next
     * @param threadFactory makes the threads that wait for stores
     */
    public CacheContext(PageAllocator allocator, Replacement lru, ThreadFactory threadFactory) {
        this(allocator, lru, threadFactory, Thread.ofVirtual().factory());
    }

    /**
     * The shared part of a new cache.
     *
     * @param allocator where frames come from; its frames are the cache's pages
     * @param lru who goes next
     * @param threadFactory makes the threads that wait for stores
     * @param readers makes those that wait for a page, virtual ones
     */
    public CacheContext(
            PageAllocator allocator,
            Replacement lru,
            ThreadFactory threadFactory,
            ThreadFactory readers) {
        this.allocator = allocator;
        this.readers = readers;
        this.lru = lru;
        if (allocator.frameCount() > Slot.FRAMES_MAX) {
            throw new IllegalArgumentException(
                    "a cache must have at most "
                            + Slot.FRAMES_MAX
                            + " frames: "
                            + allocator.frameCount());
        }
        frames = allocator.frames();
        pageShift = Integer.numberOfTrailingZeros(allocator.pageBytes());
        waits = new FrameWaits(frames);
        privateData = new PrivateData(frames);
        threads =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        THREAD_IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        threadFactory);
        callbacks = new Callbacks(allocator, counters);
        newFrames = new ReservedFrames.Source(this);
        faults = new Faults(this);
        asyncReads = new AsyncReads(this);
        readsAhead = new ReadsAhead(this);
        growth = new Growth(this, faults);
        removal = new Removal(this);
        relocation = new Relocation(this);
        shadowSweep = new ShadowSweep(this);
        truncation = new Truncation(this);
        invalidation = new Invalidation(this);
        holePunch = new HolePunch(this);
        images = new ImageMemory(this);
        dirtyMarks = new DirtyMarks(this);
        lsns = new PageLsns(frames.frameCount());
    }

    /**
     * Where frames come from.
     *
     * @return the allocator
     */
    public PageAllocator allocator() {
        return allocator;
    }

    /**
     * The side table.
     *
     * @return the allocator's
     */
    @SuppressWarnings("exports")
    public FrameTable frames() {
        return frames;
    }

    /**
     * Who goes next.
     *
     * @return the policy
     */
    public Replacement lru() {
        return lru;
    }

    /**
     * Where threads sleep for a frame.
     *
     * @return the queues
     */
    public FrameWaits waits() {
        return waits;
    }

    /**
     * What is counted.
     *
     * @return the counters
     */
    public CacheCounters counters() {
        return counters;
    }

    /**
     * The address spaces, by number.
     *
     * @return the table
     */
    public SpaceTable spaces() {
        return spaces;
    }

    /**
     * Where the slots of its files lie.
     *
     * @return the source of their memory
     */
    SlotMemory slotMemory() {
        return slotMemory;
    }

    /**
     * Where the frames of new pages come from.
     *
     * @return the source
     */
    public ReservedFrames.Source newFrames() {
        return newFrames;
    }

    /**
     * Who may hold latches.
     *
     * @return the holders
     */
    public LatchHolders latches() {
        return latches;
    }

    /**
     * How pages come in.
     *
     * @return the faults
     */
    public Faults faults() {
        return faults;
    }

    /**
     * How pages come in while nobody waits.
     *
     * @return the reads
     */
    public AsyncReads asyncReads() {
        return asyncReads;
    }

    /**
     * How pages come in before anybody asks for them.
     *
     * @return the reads
     */
    public ReadsAhead readsAhead() {
        return readsAhead;
    }

    /**
     * What engines keep with pages.
     *
     * @return the table
     */
    public PrivateData privateData() {
        return privateData;
    }

    /**
     * How foreign code is called.
     *
     * @return the callbacks
     */
    public Callbacks callbacks() {
        return callbacks;
    }

    /**
     * How files grow.
     *
     * @return the growth
     */
    public Growth growth() {
        return growth;
    }

    /**
     * How pages leave.
     *
     * @return the removal
     */
    public Removal removal() {
        return removal;
    }

    /**
     * How pages move from frame to frame.
     *
     * @return the relocation
     */
    public Relocation relocation() {
        return relocation;
    }

    /**
     * How shadows are forgotten.
     *
     * @return the sweep
     */
    public ShadowSweep shadowSweep() {
        return shadowSweep;
    }

    /**
     * How files are cut and emptied.
     *
     * @return the truncation
     */
    public Truncation truncation() {
        return truncation;
    }

    /**
     * Which pages are dirty.
     *
     * @return the marks
     */
    public DirtyMarks dirtyMarks() {
        return dirtyMarks;
    }

    /**
     * The log positions of dirty pages.
     *
     * @return the columns
     */
    public PageLsns lsns() {
        return lsns;
    }

    /**
     * How pages are taken out because they are to be read again.
     *
     * @return the invalidation
     */
    public Invalidation invalidation() {
        return invalidation;
    }

    /**
     * How holes are made.
     *
     * @return the punch
     */
    public HolePunch holePunch() {
        return holePunch;
    }

    /**
     * Where old images of pages lie that snapshots keep.
     *
     * @return the memory
     */
    public ImageMemory images() {
        return images;
    }

    /**
     * The size of a page.
     *
     * @return log2 of its bytes
     */
    public int pageShift() {
        return pageShift;
    }

    /**
     * The size of a page.
     *
     * @return bytes
     */
    public int pageBytes() {
        return 1 << pageShift;
    }

    /**
     * The memory of a frame.
     *
     * @param frame 0..frameCount-1
     * @return exactly one page
     */
    public MemorySegment memory(int frame) {
        return allocator.region().asSlice((long) frame << pageShift, pageBytes());
    }

    /**
     * Sleeps until those of the flags that are set now are clear; returns at once when none is, or
     * when the frame is another page's. The caller starts again from the slot.
     *
     * @param space whose page
     * @param page page index
     * @param frame where it was a moment ago; the caller needs no reference
     * @param flags what may be in the way
     * @throws IllegalStateException if this thread itself holds the latch it would wait for
     */
    public void awaitAny(AddressSpace space, long page, int frame, long flags) {
        long inTheWay = frames.word(frame) & flags;
        if (inTheWay == 0) {
            Thread.onSpinWait(); // between two steps of a few instructions
            return;
        }
        callbacks.checkMayAwait(frame);
        latches.giveWay();
        latches.checkNotMine(frame);
        Stalls.Stall stall = counters.stalls.begin(StallKind.PAGE);
        waits.await(frame, space.id(), page, inTheWay);
        stall.end(space.name());
    }

    /**
     * Sleeps while a page is under a direct write; returns at once when it is not. The caller
     * starts again from the slot.
     *
     * @param space whose page
     * @param page page index; the caller may hold latches of other pages
     */
    public void awaitDirectWrite(AddressSpace space, long page) {
        if (!space.directWrites().cover(page)) {
            return;
        }
        // Its end waits for fills, and this may be one; or is a page's that it wants to drop.
        callbacks.checkMayStart("use of a page under a direct write", space);
        latches.giveWay();
        Stalls.Stall stall = counters.stalls.begin(StallKind.PAGE);
        space.directWrites().await(page);
        stall.end(space.name());
    }

    /**
     * Sleeps while a page is on its way to another frame, or out of the cache: until its slot has
     * changed its frame is FROZEN, and LOCKED. Returns at once when it is not.
     *
     * @param space whose page
     * @param page page index
     * @param frame a frame of which a pin was refused
     */
    public void awaitThawed(AddressSpace space, long page, int frame) {
        if (callbacks.inside()) {
            Thread.onSpinWait(); // may wait for no page; but this one takes a moment only
        } else if (FrameState.any(frames.word(frame), FrameState.FROZEN)) {
            awaitAny(space, page, frame, FrameState.LOCKED);
        }
    }

    /** Sleeps while a page is being read, or written by another thread. */
    void awaitFilled(AddressSpace space, long page, int frame) {
        awaitAny(space, page, frame, FrameState.LOCKED | FrameState.EXCLUSIVE);
    }

    /**
     * Fails if the calling thread may not wait for pages: it holds a latch, or is inside a callback
     * of a page.
     *
     * @param operation what it is about to do, for the message
     * @param space whose pages; null for those of all
     */
    public void checkMayWait(String operation, @Nullable AddressSpace space) {
        callbacks.checkMayStart(operation, space);
        latches.checkNoneMine(operation);
    }

    /**
     * Threads for what stores may take long over; they end when idle.
     *
     * @return starts a thread when none is idle
     */
    public ExecutorService threads() {
        return threads;
    }

    /** A thread, not started, that may wait for a page. */
    Thread newReader(Runnable task) {
        return readers.newThread(task);
    }

    /**
     * Runs what may wait for a page, on a virtual thread.
     *
     * @param task throws nothing
     */
    public void startReader(Runnable task) {
        newReader(task).start();
    }

    /** Gives the threads up, once no file is open. */
    public void close() {
        threads.shutdown();
    }

    /**
     * Gives back a latch or lock, and the reference that came with it: wakes who waits, and frees
     * the frame if it was the last reference.
     *
     * @param frame a frame that the caller has latched
     * @param step the transition, of {@link FrameState}
     */
    public void endLatch(int frame, LongUnaryOperator step) {
        long replaced = frames.replace(frame, step);
        frames.require(frame, replaced, "end of a latch");
        waits.wake(frame, replaced);
        long word = step.applyAsLong(replaced);
        if (FrameState.reachedZero(word)) {
            allocator.lastPut(frame, word);
        }
    }

    /**
     * Gives back the page lock, and wakes who waits.
     *
     * @param frame a frame that the caller has locked
     * @param step the transition, of {@link FrameState}
     */
    void unlock(int frame, LongUnaryOperator step) {
        long replaced = frames.replace(frame, step);
        frames.require(frame, replaced, "unlock");
        waits.wake(frame, replaced);
    }
}
