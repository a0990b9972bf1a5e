package dev.quire.pagecache;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;
import dev.quire.pagecache.space.LatchHolders;
import dev.quire.pagecache.space.PageLatches;
import dev.quire.pagecache.space.PrivateData;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.Slots;
import dev.quire.pagecache.space.Translation;

import org.jspecify.annotations.Nullable;

/** What a cursor holds of its page: a pin, or the write latch. */
abstract sealed class CursorHold extends CursorPosition implements AutoCloseable
        permits PageCursor {
    private final PagedFile file;
    private final PageLatches latches;
    private final DirtyThrottle throttle;
    private final Hold hold = new Hold();

    private boolean changed; // created, or given an lsn: dirty, however it is released

    CursorHold(
            PagedFile file,
            AddressSpace space,
            CacheContext context,
            DirtyThrottle throttle,
            @Nullable CursorCheck check,
            @Nullable DropBehind behind,
            ReadPattern pattern) {
        super(space, context, check, behind, pattern);
        this.file = file;
        this.throttle = throttle;
        latches = new PageLatches(space, context, throttle, behind == null, pattern);
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
            return CursorHold.this.toString();
        }
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
     * @throws dev.quire.allocator.OutOfFramesException if it has to be read, and every frame is
     *     pinned, latched or dirty
     * @throws dev.quire.pagecache.backing.FileFencedException if it is not cached, and the file is
     *     fenced
     * @throws dev.quire.pagecache.backing.WouldBlockException if it lies in a hole that is being
     *     punched, and this thread holds a latch, for which the punch may wait
     * @throws IllegalStateException if the cursor holds a pin or a latch, or the file is closed
     */
    public final void pin(long page) {
        accesses++;
        leave();
        int frame = latches.tryPin(placeOf(page));
        if (frame == FrameTable.NO_FRAME) {
            frame = pinSlow(page);
        }
        standPinned(page, frame);
    }

    private int pinSlow(long page) {
        while (true) {
            enter(page);
            int frame = latches.tryPin(placeOf(page));
            if (frame != FrameTable.NO_FRAME) {
                return frame;
            }
            context.awaitDirectWrite(space, page);
            int frozen = Slot.frame(context.faults().fault(space, page, pattern));
            context.awaitThawed(space, page, frozen);
        }
    }

    private void standPinned(long page, int frame) {
        long slot = Slots.get(placeOf(page));
        if (!Slot.isReadable(slot) && context.readsAhead().arrived(space, page, frame)) {
            slot = Slots.get(placeOf(page));
        }
        stand(page, validFrom(slot, frame), frame, PINNED);
    }

    /**
     * Whether the pinned page has been taken out of its file (by truncate, say) since it was
     * pinned. Its bytes stay until the pin is released; writes to the page go elsewhere.
     *
     * @return true once it is detached
     */
    public final boolean detached() {
        return (mode == PINNED || mode == PINNED_SHARED)
                && (frames.owner(frame) != space.id() || frames.page(frame) != page());
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
     *     it is truncated, or the page lies in a hole that is being punched, and this thread holds
     *     another latch: release it, and call again
     * @throws dev.quire.allocator.OutOfFramesException if the page is not cached, and every frame
     *     is pinned, latched or dirty
     * @throws java.io.UncheckedIOException if too much is dirty and this file cannot be written
     *     back
     * @throws dev.quire.pagecache.backing.FileFencedException if the file is fenced
     * @throws IllegalStateException if the cursor holds a pin or a latch, if the file is closed or
     *     read-only, or if this thread latched the page through another cursor
     */
    public final void write(long page) {
        beforeWrite();
        int frame = latches.tryLatch(placeOf(page), latches.end(page));
        if (frame == FrameTable.NO_FRAME) {
            frame = latch(page, false);
        }
        latched(page, frame);
    }

    private int latch(long page, boolean zeroed) {
        if (page < 0 || page >= Translation.PAGES_MAX) {
            throw new IndexOutOfBoundsException(
                    "page must be 0.." + (Translation.PAGES_MAX - 1) + ": page=" + page);
        }
        int frame = latches.latch(page, zeroed);
        enterWindow(page);
        return frame;
    }

    private void latched(long page, int frame) {
        stand(page, Slots.get(placeOf(page)), frame, WRITING);
        writeLimit = pageBytes;
        latchedByThisThread();
    }

    /**
     * As {@link #write}, but never waits for another writer or for write-back.
     *
     * @param page page index, 0..sizePages-1, wholly inside the file
     * @return false, the cursor on no page, when the page is not cached or is latched, or so much
     *     is dirty that {@link #write} would wait for write-back
     */
    public final boolean tryWrite(long page) {
        leave();
        file.checkWritable();
        if (wouldStall() || page < 0 || page >= space.wholePages()) {
            return false;
        }
        enterWindow(page);
        int frame = latches.tryLatch(placeOf(page), latches.end(page));
        if (frame == FrameTable.NO_FRAME) {
            return false;
        }
        accesses++;
        latched(page, frame);
        return true;
    }

    /**
     * As {@link #write}, but the page's bytes are all zero, and it is not read. Fails as {@code
     * write} does.
     *
     * @param page page index, at least 0
     */
    public final void create(long page) {
        beforeWrite();
        latched(page, latch(page, true));
        changed = true;
    }

    /**
     * Turns the optimistic read or the pin that the cursor stands by into the write latch, if
     * nobody wrote the page since it was read, so that what was read still holds. Never waits.
     * After a pin, what counts is what was read since the pin or the last {@link #retry}.
     *
     * @return true: the cursor holds the latch, as after {@link #write}, the pin is given back, and
     *     everything read before is valid; false, nothing changed, when the page was written, is
     *     latched, was cut off, lies at the end of the file in part, or too much is dirty: start
     *     again, with {@link #write}
     * @throws IllegalStateException if the cursor is on no page or holds the latch already, or the
     *     file is closed, fenced or read-only
     */
    public final boolean upgrade() {
        if (mode == SHARED || mode == PINNED_SHARED) {
            endSharedValidly();
        }
        if (mode != OPTIMISTIC && mode != PINNED) {
            throw new IllegalStateException("no read to upgrade: cursor=" + this);
        }
        file.checkWritable();
        if (check != null && mode == OPTIMISTIC && check.retry()) {
            return false;
        }
        long page = page();
        // A pinned page that was cut off is not the one that stands in its slot now.
        boolean same = mode != PINNED || Slot.names(slot, this.frame);
        int frame =
                same && Slot.isReadable(slot) && page < space.wholePages() && !wouldStall()
                        ? latches.upgrade(page, at, slot)
                        : FrameTable.NO_FRAME;
        if (frame == FrameTable.NO_FRAME) {
            return false;
        }
        if (mode == PINNED) {
            latches.unpin(frame);
        }
        latched(page, frame);
        return true;
    }

    /** Whether so much is dirty that a writer has to wait. */
    private boolean wouldStall() {
        return throttle.active() && throttle.wouldStall(space);
    }

    /**
     * Says where in its log the engine has recorded the change that it makes to the latched page:
     * the page is not written before {@code PageHooks.beforeWrite} lets it go, and counts for
     * {@link PagedFile#oldestDirtyLsn} from now until it is durable. The page is dirty from now on,
     * however it is released.
     *
     * @param lsn the change's log position; neither {@link Long#MIN_VALUE} nor {@link
     *     Long#MAX_VALUE}, which mean none
     * @throws IllegalStateException if the cursor holds no latch
     */
    public final void lsn(long lsn) {
        if (mode != WRITING) {
            throw new IllegalStateException("latch the page first: cursor=" + this);
        }
        if (lsn == Long.MIN_VALUE || lsn == Long.MAX_VALUE) {
            throw new IllegalArgumentException("lsn must be a log position: lsn=" + lsn);
        }
        context.lsns().add(frame, lsn);
        changed = true;
        latches.markDirty(page(), frame);
    }

    // ---- writes that end inside a page: a channel's

    /** What comes before a latch, and may have to be waited for. */
    final void beforeWrite() {
        accesses++;
        leave();
        if (throttle.active()) {
            throttle.beforeDirtying(space);
        }
    }

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
        int frame = latches.latchInside(page, endBytes, whole);
        if (frame == FrameTable.NO_FRAME) {
            return false;
        }
        enterWindow(page);
        latched(page, frame);
        changed = whole;
        return true;
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
        enterWindow(page);
        int frame = latches.tryLatch(placeOf(page), space.sizeBytes());
        if (frame == FrameTable.NO_FRAME) {
            return false;
        }
        latched(page, frame);
        return true;
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
        enterWindow(page);
        latched(page, frame);
        return true;
    }

    // ---- private data

    /**
     * Attaches a word of the engine's to the page that the cursor has pinned or latched; it stays
     * with the page in the cache, and {@link dev.quire.pagecache.backing.PageHooks#releasePage} and
     * {@code freePage} are given it when the page goes.
     *
     * @param data any number but 0, which says that there is none
     * @throws IllegalStateException if the page has private data already, was detached from its
     *     file meanwhile, or is neither pinned nor latched
     */
    public final void attachPrivate(long data) {
        checkHolds();
        if (data == PageHooks.NO_PRIVATE_DATA) {
            throw new IllegalArgumentException("private data must not be 0: cursor=" + this);
        }
        PrivateData privates = context.privateData();
        if (!privates.attach(frame, data)) {
            throw new IllegalStateException("page has private data already: cursor=" + this);
        }
        // Pairs with Removal.leave: who removed the page before it saw the data leaves it to us.
        if (!Slot.names(Slots.get(at), frame) && privates.detach(frame, data)) {
            throw new IllegalStateException("page has left its file: cursor=" + this);
        }
    }

    /**
     * What is attached to the page that the cursor has pinned or latched.
     *
     * @return 0 when there is nothing
     */
    public final long privateData() {
        checkHolds();
        return context.privateData().get(frame);
    }

    /**
     * Takes what is attached to the page that the cursor has pinned or latched.
     *
     * @return 0 when there was nothing
     */
    public final long detachPrivate() {
        checkHolds();
        return context.privateData().take(frame);
    }

    private void checkHolds() {
        if (!holdsFrame()) {
            throw new IllegalStateException("page is neither pinned nor latched: cursor=" + this);
        }
    }

    // ---- giving back

    /**
     * Turns the write latch into a pin: what was written is visible to readers from now on, the
     * page is dirty, and stays in memory. What is read under the pin is as it was written until
     * {@link #retry} says otherwise.
     *
     * @throws IllegalStateException if the cursor holds no latch
     */
    public final void downgrade() {
        if (mode != WRITING) {
            throw new IllegalStateException("no latch to downgrade: cursor=" + this);
        }
        int frame = this.frame;
        long page = page();
        frames.require(frame, frames.update(frame, FrameState::pin), "pin");
        long published = endWrite(true);
        stand(page, published, frame, PINNED);
    }

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
            latches.unpin(frame);
        } else {
            throw new IllegalStateException("nothing to release: cursor=" + this);
        }
    }

    /**
     * Gives back the latch of a page that was not changed. A page from {@link #create}, or with an
     * {@link #lsn}, is dirty all the same: what it held before must not come back.
     *
     * @throws IllegalStateException if the cursor holds no latch
     */
    public final void releaseClean() {
        if (mode != WRITING) {
            throw new IllegalStateException("no latch to release: cursor=" + this);
        }
        endWrite(changed);
    }

    private long endWrite(boolean dirty) {
        long page = page();
        int frame = this.frame;
        changed = false;
        standNowhere();
        return latches.end(page, at, frame, dirty);
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
        if (mode == SHARED) {
            endShared();
        }
        if (mode >= PINNED) {
            release();
        }
        if (check != null) {
            check.leaving(page());
        }
        standNowhere();
        if (behind != null && !ended) {
            behind.end();
        }
        mode = CLOSED;
        end();
    }

    @Override
    final void handedOver(long before) {
        context.latches().add(hold, before);
    }

    /** The file is closed, or this cursor is: it latches nothing any more. */
    final void end() {
        ended = true;
        context.latches().remove(hold, lastLatchThread);
        file.forget((PageCursor) this);
    }

    final boolean holdsFrame() {
        return mode >= PINNED && mode <= WRITING;
    }
}
