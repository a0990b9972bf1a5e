package dev.quire.pagecache;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Faults;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.SlotWindow;
import dev.quire.pagecache.space.Slots;

import org.jspecify.annotations.Nullable;

/** Where a cursor stands, and its optimistic reads: the lowest third of a cursor. */
abstract sealed class CursorPosition permits CursorHold {
    /*
     * How it works. An optimistic read takes the page's slot and nothing else; retry() takes it again.
     * As the slot names the frame and the version of its content, and is BUSY while somebody stores
     * into it, an unchanged slot proves that what was read belongs together. The slot's place belongs
     * to the page for good, so that it need not be looked up a second time.
     *
     * All that is stored for a read are numbers: a reference would cost the collector's barrier. The
     * one comparison with fastPages stands for three: the page lies in the window, the cursor is free
     * to move, and nobody wants this cursor's reads checked, or pages dropped behind it.
     */
    static final int NONE = 0;
    static final int OPTIMISTIC = 1;
    static final int STARVED = 2; // an optimistic read that failed too often
    static final int SHARED = 3; // what it becomes: writers are locked out
    static final int PINNED = 4;
    static final int PINNED_SHARED = 5; // a pinned read that starved: writers are locked out
    static final int WRITING = 6;
    static final int CLOSED = 7;

    static final long NO_THREAD = 0;

    /** Failed rounds after which an optimistic reader locks writers out. */
    static final int ROUNDS_MAX = 8;

    final AddressSpace space;
    final CacheContext context;
    final FrameTable frames;
    final int pageShift;
    final int pageBytes;
    final @Nullable CursorCheck check;
    final @Nullable DropBehind behind;
    final ReadPattern pattern;
    private final byte[] useCounts;
    private final long regionAddress;

    private long windowFirst;
    private long windowPages;
    private long windowSlots;

    /** As windowPages, while the cursor stands optimistically or has just stood so; else 0. */
    private long fastPages;

    /** The place of the page's slot. */
    long at = Slots.NOWHERE;

    /** What stood there when the cursor was put on the page: what validates it. */
    long slot;

    int mode = NONE;

    /** The frame that is pinned or latched. */
    int frame = FrameTable.NO_FRAME;

    /** Who latched it; asked by other threads, who may see an old number. */
    long latchThread = NO_THREAD;

    /** Who latched a page by this cursor last; read by who closes the file. */
    volatile long lastLatchThread = NO_THREAD;

    private int rounds;
    private long roundsAt = Slots.NOWHERE;
    private long roundsAccesses;

    /** The file is closed; stored by who closes it, seen at some time: nothing rests on it. */
    boolean ended;

    /** The address of the page's bytes. */
    long base;

    /** How many of them may be read: a page's, or 0 while the cursor is on no page. */
    long readLimit;

    /** How many of them may be written: a page's while latched, else 0. */
    long writeLimit;

    /** Lookups since the cursor was made; read by others, who may see an old number. */
    long accesses;

    CursorPosition(
            AddressSpace space,
            CacheContext context,
            @Nullable CursorCheck check,
            @Nullable DropBehind behind,
            ReadPattern pattern) {
        this.space = space;
        this.context = context;
        this.check = check;
        this.behind = behind;
        this.pattern = pattern;
        frames = context.frames();
        useCounts = frames.useCounts();
        pageShift = context.pageShift();
        pageBytes = context.pageBytes();
        regionAddress = context.allocator().region().address();
    }

    /**
     * The page that the cursor was last put on.
     *
     * @return page index; -1 before the first
     */
    public final long page() {
        return at == Slots.NOWHERE ? -1 : windowFirst + (at - windowSlots);
    }

    // ---- reads

    /**
     * Puts the cursor on a page to read it without a lock. Everything read until {@link #retry}
     * answers false may be garbage: decide nothing by it before. Reads outside the page answer
     * zeros then, so that a garbage offset does no harm.
     *
     * <p>Costs one load from the translation when the page is cached; else reads it, which may
     * block.
     *
     * @param page page index, 0..sizePages-1
     * @throws IndexOutOfBoundsException if it lies beyond the end of the file
     * @throws PageReadException if the page is not cached and cannot be read; a later call tries
     *     again
     * @throws dev.quire.allocator.OutOfFramesException if it has to be read, and every frame is
     *     pinned, latched or dirty
     * @throws dev.quire.pagecache.backing.FileFencedException if it is not cached, and the file is
     *     fenced
     * @throws dev.quire.pagecache.backing.WouldBlockException if it lies in a hole that is being
     *     punched, and this thread holds a latch, for which the punch may wait
     * @throws IllegalStateException if the cursor holds a pin or a latch, or the file is closed
     */
    public final void read(long page) {
        accesses++;
        if (!readFast(page)) {
            readSlow(page);
        }
    }

    private boolean readFast(long page) {
        long index = page - windowFirst;
        if (Long.compareUnsigned(index, fastPages) < 0) {
            long at = windowSlots + index;
            long slot = Slots.get(at);
            if (Slot.isReadable(slot)) {
                int frame = Slot.frame(slot);
                FrameTable.use(useCounts, frame);
                this.at = at;
                this.slot = slot;
                base = addressOf(frame);
                return true;
            }
        }
        return false;
    }

    final long addressOf(int frame) {
        return regionAddress + ((long) frame << pageShift);
    }

    /**
     * As {@link #read}, but never reads the page from its store, nor waits for who does.
     *
     * @param page page index, 0..sizePages-1
     * @return false, the cursor on no page, when the page is not cached, or is being written
     */
    public final boolean tryRead(long page) {
        leave();
        enter(page);
        long slot = slotOf(page);
        if (!Slot.isReadable(slot)) {
            return false;
        }
        accesses++;
        use(Slot.frame(slot));
        standOptimistic(page, slot);
        return true;
    }

    /**
     * As {@link #read}, for a page number that was read from a page of the scope.
     *
     * @return false, the cursor on no page, when the scope is no longer valid
     */
    final boolean readInScope(long page, ReadScope scope) {
        accesses++;
        if (readFast(page)) {
            return true;
        }
        if (check != null) {
            check.validated(); // by the scope, at its end
        }
        if (mode == STARVED) {
            mode = NONE; // in a scope it is the scope that locks writers out
        }
        if (!scope.valid()) {
            leave();
            return false;
        }
        readSlow(page);
        return true;
    }

    /** Reads zeros from now on, whatever the offset: what is read will be read again. */
    final void standBroken() {
        leave();
        mode = OPTIMISTIC;
        slot = Slot.NEVER;
    }

    /**
     * Locks writers out of a cached page until {@link #letGo}. Waits for nobody.
     *
     * @return false, nothing held, when it is latched, or is not cached
     */
    final boolean tryHold(long page) {
        leave();
        enter(page);
        long slot = slotOf(page); // not marked: who holds the page could not read it
        int frame = Slot.frame(slot);
        if (!Slot.isResident(slot) || frames.update(frame, FrameState::beginShared) == REFUSED) {
            return false;
        }
        if (!Slot.names(Slots.get(placeOf(page)), frame)) {
            context.endLatch(frame, FrameState::endShared);
            return false;
        }
        stand(page, Slot.NEVER, frame, SHARED);
        shared(SHARED);
        return true;
    }

    final void letGo() {
        if (mode == SHARED) { // else it gave way to another wait of this thread
            endShared();
        }
        standNowhere();
    }

    /** Waits until a page is cached, and nobody has it latched. */
    final void awaitFree(long page) {
        if (page < space.sizePages()) {
            int frame = Slot.frame(context.faults().fault(space, page, pattern));
            context.awaitAny(space, page, frame, SHARED_EXCLUSIVE);
        }
    }

    private void readSlow(long page) {
        boolean starved = mode == STARVED && page == page();
        leave();
        if (starved) {
            readShared(page);
        } else {
            enter(page);
            long slot = Slots.get(placeOf(page));
            if (Slot.isReadable(slot)) {
                use(Slot.frame(slot));
            } else {
                slot = context.faults().fault(space, page, pattern);
            }
            standOptimistic(page, slot);
        }
    }

    private void use(int frame) {
        if (behind == null) {
            frames.use(frame);
        }
    }

    private void standOptimistic(long page, long slot) {
        stand(page, slot, Slot.frame(slot), OPTIMISTIC);
        if (check != null) {
            check.reading(page);
            readLimit = 0; // each read of a byte comes by
            fastPages = 0;
        }
    }

    /** Moves to the window of a page inside the file. */
    final void enter(long page) {
        if (page < 0 || page >= space.sizePages()) {
            throw Faults.beyondEnd(space, page);
        }
        enterWindow(page);
    }

    /** Moves to the window of a page that the translation can hold. */
    final void enterWindow(long page) {
        if (Long.compareUnsigned(page - windowFirst, windowPages) >= 0) {
            SlotWindow window = space.translation().windowOrMake(page);
            at = Slots.NOWHERE;
            windowFirst = window.firstPage();
            windowPages = window.pages();
            windowSlots = window.firstSlot();
        }
    }

    /** A page's slot, without waiting; READABLE if the page was read ahead and marked. */
    private long slotOf(long page) {
        long slot = Slots.get(placeOf(page));
        boolean busy = Slot.isResident(slot) && !Slot.isReadable(slot);
        return busy && context.readsAhead().arrived(space, page, Slot.frame(slot))
                ? Slots.get(placeOf(page))
                : slot;
    }

    /** The place of a page's slot, if the page lies in the cursor's window; else nowhere. */
    final long placeOf(long page) {
        long index = page - windowFirst;
        return Long.compareUnsigned(index, windowPages) < 0 ? windowSlots + index : Slots.NOWHERE;
    }

    final void stand(long page, long slot, int frame, int mode) {
        at = placeOf(page);
        this.slot = slot;
        this.frame = frame;
        this.mode = mode;
        base = addressOf(frame);
        readLimit = pageBytes;
        fastPages = mode == OPTIMISTIC ? windowPages : 0;
        if (behind != null) {
            fastPages = 0; // each read comes by
            behind.standsOn(page);
        }
    }

    /** Off the page, if nothing is held; what it read there can still be validated. */
    final void leave() {
        if (mode == SHARED) {
            endShared();
        }
        if (mode == CLOSED || ended) {
            throw new IllegalStateException("cursor is closed: file=" + space.name());
        }
        if (mode >= PINNED) {
            throw new IllegalStateException("release the page first: cursor=" + this);
        }
        if (check != null) {
            check.leaving(page());
        }
        standNowhere();
    }

    final void standNowhere() {
        mode = NONE;
        fastPages = 0;
        readLimit = 0;
        writeLimit = 0;
        latchThread = NO_THREAD;
        frame = FrameTable.NO_FRAME;
    }

    // ---- validation

    /**
     * Whether what was read since the cursor was put on its page, or since the last call, must be
     * read again, because somebody wrote it, or the page left, meanwhile.
     *
     * <p>After {@link #read}: read the page again, from {@code read} on. After {@link
     * PageCursor#pin}: read the bytes again. Under a write latch the answer is always false.
     *
     * @return false when everything read is valid and belongs together
     */
    public final boolean retry() {
        return (!Slots.validate(at, slot) || check != null) && retrySlow();
    }

    private boolean retrySlow() {
        if (check != null) {
            boolean forced = mode == OPTIMISTIC && check.retry();
            if (Slots.validate(at, slot)) {
                return forced;
            }
        }
        if (mode == SHARED || mode == PINNED_SHARED) {
            endSharedValidly();
            return false;
        }
        if (at != roundsAt || accesses - roundsAccesses > 1) { // not one round after the other
            rounds = 0;
            roundsAt = at;
        }
        roundsAccesses = accesses;
        boolean starved = ++rounds >= ROUNDS_MAX;
        if (mode == PINNED) {
            retryPinned(starved);
        } else if (starved && mode == OPTIMISTIC) {
            mode = STARVED; // the next read of this page locks writers out
            fastPages = 0;
        }
        return true;
    }

    /** Waits until the page can be read, and locks writers out if it was overtaken too often. */
    private void retryPinned(boolean starved) {
        long now = Slots.get(at);
        if (starved && Slot.names(now, frame)) {
            while (frames.update(frame, FrameState::beginShared) == REFUSED) {
                context.awaitAny(space, page(), frame, EXCLUSIVE | SHARED_EXCLUSIVE);
            }
            shared(PINNED_SHARED);
        } else {
            if (Slot.names(now, frame) && !Slot.isReadable(now)) {
                context.awaitAny(space, page(), frame, EXCLUSIVE);
                now = Slots.get(at);
            }
            slot = validFrom(now, frame);
        }
    }

    /** What retry() may find again: a BUSY slot of the page itself proves nothing. */
    static long validFrom(long slot, int frame) {
        return Slot.names(slot, frame) && !Slot.isReadable(slot) ? Slot.NEVER : slot;
    }

    // ---- starved reads

    /** Reads under the shared exclusive latch: no writer until {@link #retry}. */
    private void readShared(long page) {
        while (true) {
            enter(page);
            long slot = context.faults().fault(space, page, pattern);
            int frame = Slot.frame(slot);
            if (frames.update(frame, FrameState::beginShared) == REFUSED) {
                context.awaitAny(space, page, frame, LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE);
                continue;
            }
            if (Slot.names(Slots.get(placeOf(page)), frame)) {
                stand(page, Slot.NEVER, frame, SHARED);
                shared(SHARED);
                return;
            }
            context.endLatch(frame, FrameState::endShared);
        }
    }

    /**
     * The page is latched SHARED_EXCLUSIVE; NEVER makes retry() take its slow way, which ends it.
     */
    private void shared(int mode) {
        this.mode = mode;
        slot = Slot.NEVER;
        rounds = 0;
        fastPages = 0;
        latchedByThisThread();
        context.counters().starvedReads.increment();
    }

    /** Notes who holds the latch, so that nobody waits for himself. */
    final void latchedByThisThread() {
        long thread = Thread.currentThread().threadId();
        if (thread != lastLatchThread) {
            handedOver(lastLatchThread);
            lastLatchThread = thread;
        }
        latchThread = thread;
    }

    /** The cursor is in the hands of another thread than the one that latched by it before. */
    abstract void handedOver(long before);

    /** What was read under the latch is valid, and stays so until the next writer. */
    final void endSharedValidly() {
        slot = validFrom(Slots.get(at), frame); // before the latch goes
        endShared();
    }

    final void endShared() {
        latchThread = NO_THREAD;
        mode = mode == PINNED_SHARED ? PINNED : OPTIMISTIC;
        context.endLatch(frame, FrameState::endShared);
    }

    // ---- accesses outside the page

    /**
     * Reads a number of the page the careful way: the cursor is checked, or the access lies
     * outside.
     *
     * @return the number; 0 when it lies outside, and everything will be read again anyway
     */
    final long readCarefully(int offset, int bytes) {
        if (check != null && mode == OPTIMISTIC && offset >= 0 && offset <= pageBytes - bytes) {
            return slot == Slot.NEVER ? 0 : check.read(base + offset, bytes);
        }
        notReadable(offset, bytes);
        return 0;
    }

    /** A read outside the page: garbage if the page will be read again anyway, else an error. */
    final void notReadable(int offset, long bytes) {
        if (readAgainAnyway()) {
            return;
        }
        if (mode == NONE || mode == CLOSED) {
            throw new IllegalStateException("cursor is on no page: cursor=" + this);
        }
        throw outOfPage(offset, bytes);
    }

    /** Whether retry() is going to answer true: what led to an access may have been garbage. */
    final boolean readAgainAnyway() {
        boolean forced = check != null && mode == OPTIMISTIC && check.garbage();
        return (mode == OPTIMISTIC || mode == PINNED) && (forced || !Slots.validate(at, slot));
    }

    final RuntimeException notWritable(int offset, long bytes) {
        return mode == WRITING
                ? outOfPage(offset, bytes)
                : new IllegalStateException("page is not latched for writing: cursor=" + this);
    }

    private IndexOutOfBoundsException outOfPage(int offset, long bytes) {
        return new IndexOutOfBoundsException(
                "access must lie within the page of "
                        + pageBytes
                        + " bytes: offset="
                        + offset
                        + ", bytes="
                        + bytes
                        + ", page="
                        + page()
                        + ", file="
                        + space.name());
    }

    @Override
    public final String toString() {
        String right =
                switch (mode) {
                    case OPTIMISTIC, STARVED -> "optimistic";
                    case SHARED -> "shared";
                    case PINNED, PINNED_SHARED -> "pinned";
                    case WRITING -> "writing";
                    case CLOSED -> "closed";
                    default -> "on no page";
                };
        return "PageCursor[file=" + space.name() + ", page=" + page() + ", " + right + "]";
    }
}
