package dev.quire.pagecache.writeback;

import static dev.quire.allocator.frame.FrameState.DIRTY;
import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.WRITEBACK;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Removal;
import dev.quire.pagecache.space.Slot;

import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;

/**
 * Writes the dirty pages of an address space to its store, in order, neighbours together.
 *
 * <p>A page under write-back is latched SHARED_EXCLUSIVE: readers and pins go on, writers wait, so
 * that the image written is one that somebody meant. Latches are only tried; who finds a page
 * latched goes on, and comes back for it only if it is his duty (sync), holding nothing meanwhile.
 */
public final class Writeback {
    private final CacheContext context;
    private final FrameTable frames;

    /**
     * The write-back of one cache.
     *
     * @param context the cache
     */
    public Writeback(CacheContext context) {
        this.context = context;
        this.frames = context.frames();
    }

    /**
     * Writes dirty pages as long as they can be had without waiting.
     *
     * @param space whose pages
     * @param pagesMax about how many at most
     * @return how many pages were written; 0 also when somebody else is writing this space back
     * @throws IOException if the store refused; the pages stay dirty
     */
    public int flush(AddressSpace space, int pagesMax) throws IOException {
        if (space.dirtyPages().get() == 0 || !space.writebackLock().tryLock()) {
            return 0;
        }
        try {
            return pass(space, pagesMax, space.sizePages(), null);
        } finally {
            space.writebackLock().unlock();
        }
    }

    /**
     * Makes everything durable that was written before the call. Pages dirtied meanwhile may or may
     * not be included; each page that the file has now is visited once, so that writers cannot keep
     * it going for ever.
     *
     * @param space which; the calling thread holds no latch
     * @throws WriteFailedException if a page could not be written, now or since the last sync, or
     *     the store could not make it durable, which fences the space
     */
    public void sync(AddressSpace space) throws WriteFailedException {
        context.checkMayWait("sync", space);
        space.checkFence();
        Throwable mine = null;
        try {
            writeAll(space);
            matchSize(space);
        } catch (IOException e) {
            mine = e;
        }
        // Another sync may have taken the record of ours: each fails by its own failure too.
        Throwable unreported = space.writeErrors().take();
        Throwable failed = mine != null ? mine : unreported;
        if (failed != null) {
            throw new WriteFailedException(
                    space.name(), "dirtyPages=" + space.dirtyPages().get(), failed);
        }
        makeDurable(space);
    }

    @SuppressWarnings("CatchThrowable") // Whatever it was, nobody knows what is durable.
    private void makeDurable(AddressSpace space) throws WriteFailedException {
        space.durabilityLock().lock();
        try {
            // A store tells once that it lost something: after that its success proves nothing.
            space.checkFence();
            try {
                space.ops().sync();
            } catch (Throwable e) {
                context.counters().writeErrors.increment();
                space.fence(e);
                throw new WriteFailedException(space.name(), "the store's sync failed", e);
            }
        } finally {
            space.durabilityLock().unlock();
        }
    }

    /** Writes every page that is dirty now, waiting for those that are latched. */
    private void writeAll(AddressSpace space) throws IOException {
        LongArrayList latched = new LongArrayList();
        long endPage = space.sizePages();
        space.writebackLock().lock();
        try {
            pass(space, Integer.MAX_VALUE, endPage, latched);
        } finally {
            space.writebackLock().unlock();
        }
        for (int i = 0; i < latched.size(); i++) {
            writeLatched(space, latched.getLong(i));
        }
    }

    private void writeLatched(AddressSpace space, long page) throws IOException {
        while (true) {
            Chunk chunk = space.translation().find(page);
            long slot = chunk == null ? Slot.ABSENT : chunk.slot(Chunk.index(page));
            if (chunk == null || !Slot.isResident(slot)) {
                return; // truncated meanwhile
            }
            int frame = Slot.frame(slot);
            space.writebackLock().lock();
            try {
                // Under this lock nobody else writes the page; WRITEBACK is another space's begin()
                // that met the frame by mistake, and makes it dirty again.
                if (!FrameState.any(frames.word(frame), DIRTY | WRITEBACK | EXCLUSIVE)) {
                    return;
                }
                PageRun run = new PageRun(context.pageBytes());
                if (begin(chunk, page, frame, run)) {
                    write(space, run);
                    throwFirst(run);
                    return;
                }
            } finally {
                space.writebackLock().unlock();
            }
            context.awaitAny(frame, LOCKED | WRITEBACK | EXCLUSIVE | SHARED_EXCLUSIVE);
        }
    }

    /** One walk over the dirty index. Pages that are latched are skipped, and noted if wanted. */
    private int pass(
            AddressSpace space, int pagesMax, long endPage, @Nullable LongArrayList latched)
            throws IOException {
        PageRun run = new PageRun(context.pageBytes());
        int written;
        try {
            written = pass(space, pagesMax, endPage, latched, run);
        } finally {
            finish(run, FrameState::failWriteback); // empty unless something was thrown
        }
        throwFirst(run);
        if (written > 0) {
            space.writeErrors().recovered();
        }
        return written;
    }

    private int pass(
            AddressSpace space,
            int pagesMax,
            long endPage,
            @Nullable LongArrayList latched,
            PageRun run) {
        int written = 0;
        for (Chunk chunk = space.translation().findFrom(0);
                chunk != null && chunk.firstPage() < endPage && written < pagesMax;
                chunk = space.translation().findFrom(chunk.firstPage() + Chunk.PAGES)) {
            for (int index = chunk.nextDirty(0);
                    index < Chunk.PAGES
                            && chunk.firstPage() + index < endPage
                            && written < pagesMax;
                    index = chunk.nextDirty(index + 1)) {
                long page = chunk.firstPage() + index;
                if (!run.takes(page)) {
                    written += write(space, run);
                }
                long slot = chunk.slot(index);
                if (Slot.isResident(slot) && begin(chunk, page, Slot.frame(slot), run)) {
                    continue;
                }
                if (latched != null) {
                    latched.add(page);
                }
            }
        }
        return written + write(space, run);
    }

    private static void throwFirst(PageRun run) throws IOException {
        IOException error = run.firstError();
        if (error != null) {
            throw error;
        }
    }

    /** Puts a page under write-back and into the run, if it is dirty and nobody is inside. */
    private boolean begin(Chunk chunk, long page, int frame, PageRun run) {
        MemorySegment memory = context.memory(frame); // before: what it takes may be refused
        if (frames.update(frame, FrameState::beginWriteback) == REFUSED) {
            return false;
        }
        int index = Chunk.index(page);
        if (!Slot.names(chunk.slot(index), frame)) {
            // The frame went to another page between slot and word: dirty, as we found it.
            end(frame, FrameState::failWriteback);
            return false;
        }
        context.counters().writebackPages.incrementAndGet();
        run.add(page, frame, memory);
        return true;
    }

    /** Stores a run. A failure is noted in the run, and the pass goes on with the other pages. */
    @SuppressWarnings("CatchThrowable") // Whatever it was, the pages must leave write-back.
    private int write(AddressSpace space, PageRun run) {
        if (run.isEmpty()) {
            return 0;
        }
        int count = run.count();
        long position = run.firstPage() << context.pageShift();
        long end = Math.min(position + ((long) count << context.pageShift()), space.sizeBytes());
        try {
            int inside = (int) Math.min(count, space.pagesFor(Math.max(0, end - position)));
            if (inside > 0) { // else truncated meanwhile
                writePages(space, run, inside, end);
            }
        } catch (Throwable e) {
            try {
                context.counters().writeErrors.increment();
                space.writeErrors().record(e);
                run.failed(e);
            } finally {
                finish(run, FrameState::failWriteback);
            }
            return 0;
        }
        for (int i = 0; i < count; i++) {
            unmark(space, run.firstPage() + i);
        }
        finish(run, FrameState::endWriteback);
        context.counters().pagesWritten.add(count);
        context.counters().bytesWritten.add(Math.max(0, end - position));
        return count;
    }

    /** What the store allocates may take the reserve: it cleans more than it takes. */
    private void writePages(AddressSpace space, PageRun run, int count, long endBytes)
            throws IOException {
        context.allocator()
                .callIn(
                        AllocContext.WRITEBACK,
                        () -> {
                            space.ops().writePages(run.firstPage(), run.memory(), count, endBytes);
                            return count;
                        });
    }

    private void unmark(AddressSpace space, long page) {
        Chunk chunk = space.translation().find(page);
        if (chunk != null && chunk.unmarkDirty(Chunk.index(page))) {
            Removal.countDirty(context, space, -1);
        }
    }

    private void finish(PageRun run, LongUnaryOperator outcome) {
        for (int i = 0; i < run.count(); i++) {
            context.counters().writebackPages.decrementAndGet();
            end(run.frame(i), outcome);
        }
        run.clear();
    }

    private void end(int frame, LongUnaryOperator outcome) {
        long replaced = frames.replace(frame, outcome);
        frames.require(frame, replaced, "endWriteback");
        context.waits().wake(frame, replaced);
    }

    /** Cuts or extends the store to the size of the content. */
    private void matchSize(AddressSpace space) throws IOException {
        if (space.readOnly()) {
            return;
        }
        space.sizeLock().lock(); // no page beyond this size can come up, so that none is cut off
        try {
            if (space.ops().sizeBytes() != space.sizeBytes()) {
                space.ops().truncate(space.sizeBytes());
            }
            space.cutPending(false);
        } finally {
            space.sizeLock().unlock();
        }
    }
}
