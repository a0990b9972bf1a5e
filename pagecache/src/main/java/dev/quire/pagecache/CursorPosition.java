package dev.quire.pagecache;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.UPTODATE;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.DirtyThrottle;
import dev.quire.pagecache.space.LatchHolders;
import dev.quire.pagecache.space.Removal;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.Translation;

/** Where a cursor stands, and by which right: the half of a cursor that moves. */
abstract sealed class CursorPosition implements AutoCloseable permits PageCursor {
    /*
     * How it works. An optimistic read takes the page's slot and nothing else; retry() takes it again.
     * As the slot names the frame and the version of its content, and is BUSY while somebody stores
     * into it, an unchanged slot proves that what was read belongs together. A pin adds a reference,
     * so that the frame stays; a write latch adds EXCLUSIVE and makes the slot BUSY.
     *
     * After the reference is taken the slot is read again: before that, the frame could have gone to
     * another page. With it, it cannot: eviction needs a frame that nobody else references.
     */
    private static final int NONE = 0;
    private static final int OPTIMISTIC = 1;
    private static final int STARVED = 2; // an optimistic read that failed too often
    private static final int SHARED = 3; // what it becomes: writers are locked out
    private static final int PINNED = 4;
    private static final int PINNED_SHARED =
            5; // a pinned read that starved: writers are locked out
    private static final int WRITING = 6;
    private static final int CLOSED = 7;

    private static final long NO_THREAD = 0;

    /** Failed rounds after which an optimistic reader locks writers out. */
    private static final int ROUNDS_MAX = 8;

    private final PagedFile file;
    private final AddressSpace space;
    private final Translation translation;
    private final CacheContext context;
    private final FrameTable frames;
    private final DirtyThrottle throttle;
    private final int pageShift;
    private final int pageBytes;
    private final Hold hold = new Hold();

    // Numbers only: a reference stored for each read would cost the collector's barrier.
    private int frame = FrameTable.NO_FRAME;
    private long slot;
    private long page = -1;
    private int mode = NONE;
    private boolean zeroed; // the latched page was created: dirty, however it is released
    private long latchThread = NO_THREAD;
    private int rounds;
    private long roundsPage = -1;

    // Stored by who closes the file, seen at some time: a courtesy, nothing rests on it.
    private boolean ended;

    /** Where the page's bytes begin in the region. */
    long base;

    /** How many of them may be read: a page's, or 0 while the cursor is on no page. */
    int readLimit;

    /** How many of them may be written: a page's while latched, else 0. */
    int writeLimit;

    /** Lookups since the cursor was made; read by others, who may see an old number. */
    long accesses;

    CursorPosition(
            PagedFile file, AddressSpace space, CacheContext context, DirtyThrottle throttle) {
        this.file = file;
        this.space = space;
        this.translation = space.translation();
        this.context = context;
        this.throttle = throttle;
        this.frames = context.frames();
        this.pageShift = context.pageShift();
        this.pageBytes = context.pageBytes();
        context.latches().add(hold);
    }

    private final class Hold implements LatchHolders.Holder {
        @Override
        public boolean latchedByCurrentThread() {
            return latchThread == Thread.currentThread().threadId();
        }

        @Override
        public int latchedFrame() {
            return frame;
        }

        @Override
        public void giveWay() {
            if (mode == SHARED || mode == PINNED_SHARED) {
                endShared(); // the slot is NEVER: retry() will answer true
            }
        }

        @Override
        public String toString() {
            return CursorPosition.this.toString();
        }
    }

    /**
     * The page that the cursor was last put on.
     *
     * @return page index; -1 before the first
     */
    public final long page() {
        return page;
    }

    // ---- optimistic reads

    /**
     * Puts the cursor on a page to read it without a lock. Everything read until {@link #retry}
     * answers false may be garbage: decide nothing by it before. Reads outside the page answer
     * zeros then, so that a garbage offset does no harm.
     *
     * <p>Costs two or three loads when the page is cached; else reads it, which may block.
     *
     * @param page page index, 0..sizePages-1
     * @throws IndexOutOfBoundsException if it lies beyond the end of the file
     * @throws PageReadException if the page is not cached and cannot be read; a later call tries
     *     again
     * @throws IllegalStateException if the cursor holds a pin or a latch, or the file is closed
     */
    public final void read(long page) {
        accesses++;
        if (mode <= OPTIMISTIC) {
            long slot = translation.slot(page);
            if (Slot.isReadable(slot)) {
                int frame = Slot.frame(slot);
                frames.use(frame);
                stand(page, slot, frame, OPTIMISTIC);
                return;
            }
        }
        readSlow(page);
    }

    private void stand(long page, long slot, int frame, int mode) {
        this.page = page;
        this.slot = slot;
        this.frame = frame;
        this.mode = mode;
        base = (long) frame << pageShift;
        readLimit = pageBytes;
    }

    private void readSlow(long page) {
        boolean starved = mode == STARVED && page == this.page;
        leaveShared();
        checkFree();
        if (starved) {
            readShared(page);
        } else {
            long slot = context.faults().fault(space, page);
            stand(page, slot, Slot.frame(slot), OPTIMISTIC);
        }
    }

    /** Reads under the shared exclusive latch: no writer until {@link #retry}. */
    private void readShared(long page) {
        while (true) {
            long slot = context.faults().fault(space, page);
            int frame = Slot.frame(slot);
            if (frames.update(frame, FrameState::beginShared) == REFUSED) {
                context.awaitAny(frame, LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE);
                continue;
            }
            if (Slot.names(translation.slot(page), frame)) {
                stand(page, Slot.NEVER, frame, SHARED);
                shared(SHARED);
                return;
            }
            context.endLatch(frame, FrameState::endShared);
        }
    }

    private void leaveShared() {
        if (mode == SHARED) {
            endShared();
        }
    }

    /**
     * Whether what was read since the cursor was put on its page, or since the last call, must be
     * read again, because somebody wrote it, or the page left, meanwhile.
     *
     * <p>After {@link #read}: read the page again, from {@code read} on. After {@link #pin}: read
     * the bytes again. Under a write latch the answer is always false.
     *
     * @return false when everything read is valid and belongs together
     */
    public final boolean retry() {
        return !translation.validate(page, slot) && retrySlow();
    }

    private boolean retrySlow() {
        if (mode == SHARED || mode == PINNED_SHARED) {
            slot = validFrom(translation.slot(page), frame); // before the latch goes
            endShared();
            return false;
        }
        if (page != roundsPage) {
            rounds = 0;
            roundsPage = page;
        }
        boolean starved = ++rounds >= ROUNDS_MAX;
        if (mode == PINNED) {
            retryPinned(starved);
        } else if (starved && mode == OPTIMISTIC) {
            mode = STARVED; // the next read of this page locks writers out
        }
        return true;
    }

    /** Waits until the page can be read, and locks writers out if it was overtaken too often. */
    private void retryPinned(boolean starved) {
        long now = translation.slot(page);
        if (starved && Slot.names(now, frame)) {
            while (frames.update(frame, FrameState::beginShared) == REFUSED) {
                context.awaitAny(frame, EXCLUSIVE | SHARED_EXCLUSIVE);
            }
            shared(PINNED_SHARED);
        } else {
            if (Slot.names(now, frame) && !Slot.isReadable(now)) {
                context.awaitAny(frame, EXCLUSIVE);
                now = translation.slot(page);
            }
            slot = validFrom(now, frame);
        }
    }

    /**
     * The page is latched SHARED_EXCLUSIVE; NEVER makes retry() take its slow way, which ends it.
     */
    private void shared(int mode) {
        this.mode = mode;
        slot = Slot.NEVER;
        rounds = 0;
        latchThread = Thread.currentThread().threadId();
        context.counters().starvedReads.increment();
    }

    private void endShared() {
        latchThread = NO_THREAD;
        mode = mode == PINNED_SHARED ? PINNED : OPTIMISTIC;
        context.endLatch(frame, FrameState::endShared);
    }

    /** What retry() may find again: a BUSY slot of the page itself proves nothing. */
    private static long validFrom(long slot, int frame) {
        return Slot.names(slot, frame) && !Slot.isReadable(slot) ? Slot.NEVER : slot;
    }

    // ---- pins

    /**
     * Puts the cursor on a page and holds its frame until {@link #release}: the page is not
     * evicted, {@link PageCursor#segment} stays its memory. It does not hold the content: others
     * may write meanwhile, and consistent reads go through {@link #retry}.
     *
     * <p>Costs one atomic operation when the page is cached, {@code release} another.
     *
     * @param page page index, 0..sizePages-1
     * @throws IndexOutOfBoundsException if it lies beyond the end of the file
     * @throws PageReadException if the page is not cached and cannot be read; a later call tries
     *     again
     * @throws IllegalStateException if the cursor holds a pin or a latch, or the file is closed
     */
    public final void pin(long page) {
        accesses++;
        leaveShared();
        checkFree();
        while (!tryPin(page)) {
            context.faults().fault(space, page);
        }
    }

    private boolean tryPin(long page) {
        long slot = translation.slot(page);
        if (!Slot.isResident(slot)) {
            return false;
        }
        int frame = Slot.frame(slot);
        long word = frames.update(frame, FrameState::pin);
        if (word == REFUSED) {
            return false;
        }
        slot = translation.slot(page);
        if (!Slot.names(slot, frame) || !FrameState.any(word, UPTODATE)) {
            unpin(frame);
            return false;
        }
        frames.use(frame);
        stand(page, validFrom(slot, frame), frame, PINNED);
        return true;
    }

    private void unpin(int frame) {
        long word = frames.update(frame, FrameState::unpin);
        frames.require(frame, word, "unpin");
        if (FrameState.reachedZero(word)) {
            context.allocator().lastPut(frame, word);
        }
    }

    /**
     * Whether the pinned page has been taken out of its file (by truncate, say) since it was
     * pinned. Its bytes stay until the pin is released; writes to the page go elsewhere.
     *
     * @return true once it is detached
     */
    public final boolean detached() {
        return (mode == PINNED || mode == PINNED_SHARED)
                && (frames.owner(frame) != space.id() || frames.page(frame) != page);
    }

    // ---- writes

    /**
     * Puts the cursor on a page and latches it for writing until {@link #release}: nobody else
     * writes it, and readers see all of what is written or nothing. A page beyond the end, or one
     * that the file ends in, grows the file to the end of that page; pages in between read as
     * zeros.
     *
     * <p>Waits for another writer and for write-back of the page; reads the page if it is not
     * cached.
     *
     * @param page page index, at least 0
     * @throws PageReadException if the page is not cached and cannot be read; a later call tries
     *     again
     * @throws dev.quire.pagecache.backing.WouldBlockException if the file would have to grow while
     *     it is truncated, and this thread holds another latch: release it, and call again
     * @throws java.io.UncheckedIOException if too much is dirty and this file cannot be written
     *     back
     * @throws IllegalStateException if the cursor holds a pin or a latch, if the file is closed,
     *     fenced or read-only, or if this thread latched the page through another cursor
     */
    public final void write(long page) {
        accesses++;
        leaveShared();
        checkFree();
        if (throttle.active()) {
            throttle.beforeDirtying(space);
        }
        Chunk chunk = page < space.wholePages() ? translation.find(page) : null;
        if (chunk == null || !tryLatch(page, chunk, end(page))) {
            writeSlow(page, false);
        }
    }

    /**
     * As {@link #write}, but never waits for another writer or for write-back.
     *
     * @param page page index, 0..sizePages-1, wholly inside the file
     * @return false, the cursor on no page, when the page is not cached or is latched
     */
    public final boolean tryWrite(long page) {
        leaveShared();
        checkFree();
        file.checkWritable();
        Chunk chunk = page >= 0 && page < space.wholePages() ? translation.find(page) : null;
        boolean latched = chunk != null && tryLatch(page, chunk, end(page));
        accesses += latched ? 1 : 0;
        return latched;
    }

    /**
     * As {@link #write}, but the page's bytes are all zero, and it is not read.
     *
     * @param page page index, at least 0
     */
    public final void create(long page) {
        accesses++;
        leaveShared();
        checkFree();
        if (throttle.active()) {
            throttle.beforeDirtying(space);
        }
        writeSlow(page, true);
        zeroed = true;
    }

    /** Where a page ends in the file. */
    private long end(long page) {
        return (page + 1) << pageShift;
    }

    /** Latches a resident page, if the file has so many bytes. */
    private boolean tryLatch(long page, Chunk chunk, long endBytes) {
        int index = Chunk.index(page);
        long slot = chunk.slot(index);
        if (!Slot.isResident(slot)) {
            return false;
        }
        int frame = Slot.frame(slot);
        if (frames.update(frame, FrameState::beginExclusive) == REFUSED) {
            return false;
        }
        // Ordering: EXCLUSIVE by a full CAS, then the slot, then writable and the size.
        // Pairs:    Removal: lock and latch, then the slot; Truncation: writable or the size, full
        //           fence, then latches.
        // Gives:    a latched page is in its slot, nothing is written after the last sync, and
        //           nothing beyond the end.
        // Checked:  CloseTest.shouldLoseNoWriteThatReturnedBeforeClose,
        //           SizeTest.shouldNotLeaveBytesBehindTheEndWhenAWriteRacesWithACut.
        if (!Slot.names(chunk.slot(index), frame)) {
            context.endLatch(frame, FrameState::endExclusive);
            return false;
        }
        if (!space.writable() || endBytes > space.sizeBytes()) {
            context.endLatch(frame, FrameState::endExclusive);
            space.checkWritable();
            return false;
        }
        chunk.beginStores(index);
        frames.use(frame);
        latched(page, chunk, frame);
        return true;
    }

    private void latched(long page, Chunk chunk, int frame) {
        stand(page, chunk.slot(Chunk.index(page)), frame, WRITING);
        writeLimit = pageBytes;
        latchThread = Thread.currentThread().threadId();
    }

    private void writeSlow(long page, boolean zeroed) {
        if (page < 0) {
            throw new IndexOutOfBoundsException("page must be at least 0: page=" + page);
        }
        while (true) {
            space.checkWritable();
            int frame = context.growth().latchBeyondEnd(space, page);
            if (frame == FrameTable.NO_FRAME) {
                frame = writeResident(page, zeroed);
            }
            if (frame != FrameTable.NO_FRAME) {
                if (mode != WRITING) {
                    latched(page, translation.findOrMake(page), frame);
                }
                return;
            }
        }
    }

    /** One try to latch a page inside the file; answers its frame, or NO_FRAME to start again. */
    private int writeResident(long page, boolean zeroed) {
        Chunk chunk = translation.findOrMake(page);
        if (tryLatch(page, chunk, end(page))) {
            if (zeroed) {
                context.memory(frame).fill((byte) 0);
            }
            return frame;
        }
        long slot = chunk.slot(Chunk.index(page));
        if (Slot.isResident(slot)) {
            context.awaitAny(Slot.frame(slot), LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE);
        } else if (zeroed) {
            return context.growth().latchAbsent(space, page, chunk, slot, (page << pageShift) + 1);
        } else {
            context.faults().fault(space, page);
        }
        return FrameTable.NO_FRAME;
    }

    // ---- writes that end inside a page: a channel's

    /**
     * As {@link #write}, but never grows the file: latches a page to write the bytes up to a
     * position.
     *
     * @param page page index
     * @param endBytes where they end in the file, inside the page or at its end
     * @param whole whether all bytes of the page will be written, so that it need not be read
     * @return false, the cursor on no page, when the file does not reach that far
     */
    final boolean writeInside(long page, long endBytes, boolean whole) {
        beforeWrite();
        while (endBytes <= space.sizeBytes()) {
            space.checkWritable();
            Chunk chunk = translation.findOrMake(page);
            if (tryLatch(page, chunk, endBytes)) {
                return true;
            }
            long slot = chunk.slot(Chunk.index(page));
            if (Slot.isResident(slot)) {
                context.awaitAny(Slot.frame(slot), LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE);
            } else if (!whole) {
                context.faults().fault(space, page);
            } else if (latchZeroed(page, chunk, slot, endBytes)) {
                return true;
            }
        }
        return false;
    }

    private boolean latchZeroed(long page, Chunk chunk, long slot, long endBytes) {
        int frame = context.growth().latchAbsent(space, page, chunk, slot, endBytes);
        if (frame == FrameTable.NO_FRAME) {
            return false;
        }
        latched(page, translation.findOrMake(page), frame);
        zeroed = true;
        return true;
    }

    /** What comes before a latch, and may have to be waited for. */
    final void beforeWrite() {
        accesses++;
        leaveShared();
        checkFree();
        if (throttle.active()) {
            throttle.beforeDirtying(space);
        }
    }

    /**
     * Latches the page that the file ends in, without waiting. The caller, who holds the size lock
     * and has called {@link #beforeWrite}, may grow the file to the end of the page.
     *
     * @param page page index
     * @return false, the cursor on no page, when the page is latched, or is not cached
     */
    final boolean tryWriteLast(long page) {
        space.checkWritable();
        space.checkCut();
        Chunk chunk = translation.find(page);
        return chunk != null && tryLatch(page, chunk, space.sizeBytes());
    }

    /**
     * Inserts a page of zeros beyond the end, latched. The caller, who holds the size lock and has
     * called {@link #beforeWrite}, must grow the file into it.
     *
     * @param page page index
     * @param frame a frame for it; stays the caller's when refused
     * @return false, the cursor on no page, to look again
     */
    final boolean tryWriteBeyond(long page, int frame) {
        space.checkWritable();
        if (!context.growth().insertBeyondEnd(space, page, frame)) {
            return false;
        }
        latched(page, translation.findOrMake(page), frame);
        return true;
    }

    // ---- giving back

    /**
     * Gives back the pin or the latch. What was written under a latch is visible to readers from
     * now on, and the page is dirty.
     *
     * @throws IllegalStateException if the cursor holds neither
     */
    public final void release() {
        if (mode == WRITING) {
            endWrite(true);
        } else if (mode == PINNED || mode == PINNED_SHARED) {
            if (mode == PINNED_SHARED) {
                endShared();
            }
            int frame = this.frame;
            standNowhere();
            unpin(frame);
        } else {
            throw new IllegalStateException("nothing to release: cursor=" + this);
        }
    }

    /**
     * Gives back the latch of a page that was not changed. A page from {@link #create} is dirty all
     * the same: what it held before must not come back.
     *
     * @throws IllegalStateException if the cursor holds no latch
     */
    public final void releaseClean() {
        if (mode != WRITING) {
            throw new IllegalStateException("no latch to release: cursor=" + this);
        }
        endWrite(zeroed);
    }

    private void endWrite(boolean dirty) {
        Chunk chunk = translation.findOrMake(page); // it has the page, so it stays
        int index = Chunk.index(page);
        int frame = this.frame;
        if (dirty && chunk.markDirty(index)) {
            Removal.countDirty(context, space, 1);
            throttle.dirtied();
        }
        // A new version also when clean: the caller may have stored and taken it back.
        chunk.publish(index, Slot.readable(frame, frames.nextVersion(frame)));
        standNowhere();
        if (dirty) {
            context.endLatch(frame, FrameState::endExclusiveDirty);
        } else {
            context.endLatch(frame, FrameState::endExclusive);
        }
    }

    private void standNowhere() {
        mode = NONE;
        readLimit = 0;
        writeLimit = 0;
        zeroed = false;
        latchThread = NO_THREAD;
        frame = FrameTable.NO_FRAME;
    }

    /**
     * Gives back what the cursor holds, as {@link #release}, and ends its use. A latch that is
     * still held leaves the page dirty, with whatever was written so far.
     */
    @Override
    public final void close() {
        if (mode == CLOSED) {
            return;
        }
        leaveShared();
        if (mode >= PINNED) {
            release();
        }
        standNowhere();
        mode = CLOSED;
        end();
    }

    /** The file is closed, or this cursor is: it latches nothing any more. */
    final void end() {
        ended = true;
        context.latches().remove(hold);
        file.forget((PageCursor) this);
    }

    private void checkFree() {
        if (mode == CLOSED || ended) {
            throw new IllegalStateException("cursor is closed: file=" + space.name());
        }
        if (mode >= PINNED) {
            throw new IllegalStateException("release the page first: cursor=" + this);
        }
        readLimit = 0;
    }

    // ---- what the other half needs

    /** An access outside the page: garbage if the read will be repeated anyway, else an error. */
    final void outOfPage(long offset, long bytes, int limit) {
        boolean garbage = mode == OPTIMISTIC || mode == PINNED;
        if (garbage && limit != 0 && !translation.validate(page, slot)) {
            return;
        }
        if (limit == 0) {
            throw new IllegalStateException(
                    (readLimit == 0 ? "cursor is on no page" : "page is not latched for writing")
                            + ": cursor="
                            + this);
        }
        throw new IndexOutOfBoundsException(
                "access must lie within the page of "
                        + pageBytes
                        + " bytes: offset="
                        + offset
                        + ", bytes="
                        + bytes
                        + ", page="
                        + page
                        + ", file="
                        + space.name());
    }

    final boolean holdsFrame() {
        return mode >= PINNED && mode <= WRITING;
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
        return "PageCursor[file=" + space.name() + ", page=" + page + ", " + right + "]";
    }
}
