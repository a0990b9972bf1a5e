package dev.quire.pagecache.writeback;

import static dev.quire.allocator.frame.FrameState.DIRTY;
import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.WRITEBACK;

import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.events.WriteBackEvent;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One walk over dirty pages of an address space, with several writes under way. Confined to the
 * thread that walks, apart from the ends of its writes, which come from the store.
 *
 * <p>Whoever walks holds no latch while it waits: a run of pages is given to the store before
 * anything is waited for, and what the store has comes to an end without us.
 */
final class WritePass {
    /** Enough that a device has work while a write ends; of 1 MiB each, few are. */
    static final int WRITES_MAX = 8;

    private final CacheContext context;
    private final DirtyLimits limits;
    private final AddressSpace space;
    private final PageStart start;
    private final LongArrayList busy = new LongArrayList();
    private PageRun run;
    private int heldPages;
    private long heldPage;
    private long heldLsn;
    private long heldLsnMax;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition writeEnded = lock.newCondition();
    // Under the lock.
    private final Deque<PageRun> idle = new ArrayDeque<>(WRITES_MAX);
    private int inFlight;
    private int written;
    private @Nullable Throwable firstError;

    WritePass(CacheContext context, DirtyLimits limits, AddressSpace space) {
        this.context = context;
        this.limits = limits;
        this.space = space;
        start = new PageStart(context, space);
        run = PageRun.ofPages(context.pageBytes());
    }

    // ---- the walk

    /**
     * Gives dirty pages to the store as far as they can be had without waiting for their latches;
     * the others are noted.
     *
     * @return where it ended: endPage, or the page it would have gone on with
     */
    long walk(long firstPage, long endPage, long pagesMax) {
        long taken = 0;
        for (Chunk chunk = space.translation().findFrom(firstPage);
                chunk != null && chunk.firstPage() < endPage;
                chunk = space.translation().findFrom(chunk.firstPage() + Chunk.PAGES)) {
            int from = chunk.firstPage() < firstPage ? Chunk.index(firstPage) : 0;
            for (int index = chunk.nextDirty(from);
                    index < Chunk.PAGES && chunk.firstPage() + index < endPage;
                    index = chunk.nextDirty(index + 1)) {
                if (taken++ >= pagesMax) {
                    return chunk.firstPage() + index;
                }
                take(chunk, chunk.firstPage() + index);
            }
        }
        return endPage;
    }

    private void take(Chunk chunk, long page) {
        long slot = chunk.slot(Chunk.index(page));
        if (!run.takes(page)) {
            submit();
        }
        if (Slot.isResident(slot) && !tryTake(chunk, page, Slot.frame(slot))) {
            busy.addLong(page);
        }
    }

    /** Waits for the pages that were latched, one after the other, and gives them to the store. */
    void takeBusy() {
        for (int i = 0; i < busy.size(); i++) {
            takeWhenFree(busy.getLong(i));
        }
    }

    private void takeWhenFree(long page) {
        while (true) {
            Chunk chunk = space.translation().find(page);
            long slot = chunk == null ? Slot.ABSENT : chunk.slot(Chunk.index(page));
            if (chunk == null || !Slot.isResident(slot)) {
                return; // truncated meanwhile
            }
            int frame = Slot.frame(slot);
            // WRITEBACK may be another space's, which met the frame by mistake: dirty afterwards.
            if (!FrameState.any(context.frames().word(frame), DIRTY | WRITEBACK | EXCLUSIVE)) {
                if (Slot.busy(chunk.slot(Chunk.index(page))) == Slot.busy(slot)) {
                    return;
                }
                continue; // it has moved to another frame, dirty, and perhaps back
            }
            if (!run.takes(page)) {
                submit();
            }
            if (tryTake(chunk, page, frame)) {
                return;
            }
            submit(); // hold nothing while waiting
            space.snapshots().awaitTaken();
            context.awaitAny(space, page, frame, LOCKED | WRITEBACK | EXCLUSIVE | SHARED_EXCLUSIVE);
        }
    }

    /** Takes a page into the run, unless the engine holds it back; false when it is latched. */
    @SuppressWarnings("CatchThrowable") // Foreign code: whatever it throws, the page stays dirty.
    private boolean tryTake(Chunk chunk, long page, int frame) {
        MemorySegment memory = context.memory(frame); // before: what it takes may be refused
        if (!start.begin(chunk, page, frame)) {
            return false;
        }
        if (!start.beginStamp(frame)) {
            start.fail(frame);
            return false;
        }
        long answer;
        try {
            answer = start.ask(chunk, page, frame, memory);
        } catch (Throwable e) {
            refused(page, frame, e);
            return true;
        }
        if (PageStart.mayGo(answer)) {
            run.add(page, frame, memory);
        } else {
            start.fail(frame);
            held(page, answer);
        }
        return true;
    }

    private void refused(long page, int frame, Throwable e) {
        if (!(e instanceof IOException)) {
            context.callbacks().contained("beforeWrite", space, page, e);
        }
        recordError(e);
        start.fail(frame);
    }

    private void held(long page, long lsn) {
        if (heldPages++ == 0) {
            heldPage = page;
            heldLsn = lsn;
            heldLsnMax = lsn;
        }
        heldLsnMax = Math.max(heldLsnMax, lsn);
    }

    // ---- writes

    /** Gives the run to the store, and takes an empty one. */
    private void submit() {
        if (run.isEmpty()) {
            return;
        }
        StoreWrite write = new StoreWrite(run);
        run = PageRun.NONE; // the pages are the write's now
        write.begin();
        run = nextRun();
    }

    /** Waits until fewer than the most writes are under way. */
    private PageRun nextRun() {
        lock.lock();
        try {
            while (inFlight >= writesMax()) {
                writeEnded.awaitUninterruptibly();
            }
            PageRun next = idle.poll();
            return next != null ? next : PageRun.ofPages(context.pageBytes());
        } finally {
            lock.unlock();
        }
    }

    private static int writesMax() {
        return WRITES_MAX;
    }

    /** A run that the store has. Its answer counts once. */
    private final class StoreWrite implements AddressSpaceOps.WriteDone {
        private final PageRun pages;
        private final long position;
        private final long endBytes;
        private final AtomicBoolean over = new AtomicBoolean();
        private final WriteBackEvent event = new WriteBackEvent();

        StoreWrite(PageRun pages) {
            this.pages = pages;
            position = pages.firstPage() << context.pageShift();
            long end = position + ((long) pages.count() << context.pageShift());
            endBytes = Math.clamp(space.sizeBytes(), position, end);
        }

        @SuppressWarnings("CatchThrowable") // Whatever it was, the pages must leave write-back.
        void begin() {
            event.begin();
            count(1);
            space.writes().begin();
            try {
                if (endBytes == position) { // truncated meanwhile
                    done(null);
                } else {
                    writePages();
                }
            } catch (Throwable e) {
                done(e);
            }
        }

        private void writePages() throws IOException {
            int inside = (int) space.pagesFor(endBytes - position);
            long first = pages.firstPage();
            context.callbacks().writePages(space, first, pages.memory(), inside, endBytes, this);
        }

        @Override
        public void done(@Nullable Throwable failure) {
            if (over.getAndSet(true)) {
                Throwable twice = new IllegalStateException("write answered twice");
                context.callbacks()
                        .contained("writePages", space, position >>> context.pageShift(), twice);
                return;
            }
            boolean stored = failure == null;
            tell(stored);
            try {
                if (failure == null) {
                    stored(pages, endBytes - position);
                } else {
                    notStored(pages, failure);
                }
            } finally {
                ended(pages, stored);
            }
        }

        private void tell(boolean stored) {
            if (event.shouldCommit()) {
                event.file = space.name();
                event.firstPage = position >>> context.pageShift();
                event.pages = pages.count();
                event.failed = !stored;
                event.commit();
            }
        }
    }

    private void count(int change) {
        lock.lock();
        try {
            inFlight += change;
        } finally {
            lock.unlock();
        }
    }

    private void stored(PageRun pages, long bytes) {
        space.writes().written(); // before the pages can be seen clean: see Truncation.close
        space.writeErrors().recovered(); // as well, for who looks at the error when there is room
        for (int i = 0; i < pages.count(); i++) {
            long page = pages.firstPage() + i;
            Chunk chunk = space.translation().find(page); // it has the page, so it stays
            if (chunk != null) {
                context.dirtyMarks().unmark(space, chunk, page, pages.frame(i));
            }
            start.end(pages.frame(i));
        }
        space.counters().pagesWritten.add(pages.count());
        space.counters().bytesWritten.add(bytes);
    }

    private void notStored(PageRun pages, Throwable failure) {
        try {
            recordError(failure); // before the pages can be seen dirty again
        } finally {
            failAll(pages);
        }
    }

    private void failAll(PageRun pages) {
        for (int i = 0; i < pages.count(); i++) {
            start.fail(pages.frame(i));
        }
    }

    private void ended(PageRun pages, boolean stored) {
        int count = pages.count();
        pages.clear();
        space.writes().end();
        lock.lock();
        try {
            inFlight--;
            written += stored ? count : 0;
            idle.add(pages);
            writeEnded.signalAll();
        } finally {
            lock.unlock();
        }
        limits.written(stored ? count : 0);
    }

    private void recordError(Throwable e) {
        space.counters().writeErrors.increment();
        space.writeErrors().record(e);
        lock.lock();
        try {
            if (firstError == null) {
                firstError = e;
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- the end

    /**
     * Waits for all writes of the pass.
     *
     * @return how many pages were stored
     * @throws IOException the first failure; the others are counted
     */
    int finish() throws IOException {
        submit();
        awaitWrites();
        Throwable failed = firstError;
        if (failed != null) {
            throw failed instanceof IOException io ? io : new IOException(failed);
        }
        return written;
    }

    /** How many pages the engine held back. */
    int heldPages() {
        return heldPages;
    }

    /**
     * Has the engine make its log durable, as far as pages of this pass wait for it; the caller has
     * finished the pass, and holds nothing.
     *
     * @return whether the pages are to be asked about again
     * @throws IOException if it could not
     */
    boolean forceLog() throws IOException {
        try {
            return heldPages > 0 && context.callbacks().forceLog(space, heldLsnMax);
        } catch (IOException e) {
            recordError(e);
            limits.written(0);
            throw e;
        }
    }

    /** Something was thrown on the way: no page stays under write-back. */
    void abort() {
        failAll(run);
        run.clear();
        awaitWrites();
    }

    private void awaitWrites() {
        lock.lock();
        try {
            while (inFlight > 0) {
                writeEnded.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Fails if the engine held a page back. */
    void checkNothingHeld(String operation) {
        if (heldPages > 0) {
            throw new WouldBlockException(
                    space.name(),
                    operation,
                    "the log to be durable up to lsn="
                            + heldLsn
                            + ", page="
                            + heldPage
                            + ", pagesHeldBack="
                            + heldPages);
        }
    }
}
