package dev.quire.pagecache.space;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.lru.Replacement;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;

/**
 * A page on its way in: in its slot, on an LRU list, locked and not up to date, so that everybody
 * who wants it finds that somebody is at it. One of {@link #publish} and {@link #remove} ends it.
 *
 * <p>Confined to one thread at a time: whoever reads the page, then whoever is told of the end.
 */
final class Fill {
    private final CacheContext context;
    private final FrameTable frames;
    private final AddressSpace space;
    private final long page;
    private final Chunk chunk;
    private final long seen;
    private final int frame;
    private final MemorySegment memory;
    private long sizeBytesBefore;

    private Fill(
            CacheContext context,
            AddressSpace space,
            long page,
            Chunk chunk,
            long seen,
            int frame) {
        this.context = context;
        this.frames = context.frames();
        this.space = space;
        this.page = page;
        this.chunk = chunk;
        this.seen = seen;
        this.frame = frame;
        this.memory = context.memory(frame);
    }

    /**
     * Inserts a page to be read.
     *
     * @param frame a frame for it, from {@link ReservedFrames.Source#take} or the allocator; given
     *     back unless the page is inserted
     * @return null when the page is cached, or was a moment ago
     */
    static @Nullable Fill insert(CacheContext context, AddressSpace space, long page, int frame) {
        return insertOrGiveBack(context, space, page, frame, true);
    }

    /**
     * As insert, for who waits for nobody, since he may have locked other pages.
     *
     * @return null also while the memory of the page's slot is given back
     */
    static @Nullable Fill tryInsert(
            CacheContext context, AddressSpace space, long page, int frame) {
        return insertOrGiveBack(context, space, page, frame, false);
    }

    private static @Nullable Fill insertOrGiveBack(
            CacheContext context, AddressSpace space, long page, int frame, boolean mayWait) {
        Fill fill = null;
        try {
            // Only now that there is a frame: else a chunk would be left behind without one.
            Translation slots = space.translation();
            Chunk chunk = mayWait ? slots.findOrMake(page) : slots.tryFindOrMake(page);
            long seen = chunk == null ? Slot.ABSENT : chunk.slot(Chunk.index(page));
            if (chunk != null && !Slot.isResident(seen)) {
                fill = insert(context, space, page, chunk, seen, frame);
            }
            return fill;
        } finally {
            if (fill == null) {
                context.newFrames().giveBack(frame);
            }
        }
    }

    /**
     * Inserts a page into a slot as it was seen.
     *
     * @param seen what the slot held, not resident
     * @param frame a frame for it; stays the caller's unless the page is inserted
     * @return null when somebody else changed the slot, or the chunk was dropped
     */
    static @Nullable Fill insert(
            CacheContext context,
            AddressSpace space,
            long page,
            Chunk chunk,
            long seen,
            int frame) {
        Fill fill = new Fill(context, space, page, chunk, seen, frame);
        return fill.insert() ? fill : null;
    }

    private boolean insert() {
        int version = frames.nextVersion(frame);
        frames.own(frame, space.id(), page);
        long word = frames.update(frame, Fill::begin);
        frames.require(frame, word, "begin of a fill");
        if (!chunk.insert(Chunk.index(page), seen, Slot.busy(frame, version))) {
            frames.own(frame, FrameTable.OWNER_NONE, 0);
            // Through a stale slot somebody may sleep on it already.
            context.unlock(frame, FrameState::unlock);
            return false;
        }
        context.counters().cachedPages.incrementAndGet();
        context.counters().fillingPages.incrementAndGet();
        try {
            space.counters().cachedPages.increment();
            space.counters().faults.increment();
            if (!FrameState.any(word, FrameState.LRU)) { // else taken over with its place
                list();
            }
        } catch (RuntimeException | Error e) {
            leave(); // the frame is the caller's, as before
            throw e;
        }
        return true;
    }

    /** Before the read: where it ends there is little time. Reclaim skips what is locked. */
    private void list() {
        long memo = Slot.isShadow(seen) ? Slot.memo(seen) : Replacement.NO_MEMO;
        if (context.lru().insert(frame, memo)) {
            space.counters().refaults.increment();
        }
    }

    private static long begin(long word) {
        return FrameState.any(word, FrameState.FROZEN)
                ? FrameState.unfreezeToFill(word)
                : FrameState.lock(word);
    }

    AddressSpace space() {
        return space;
    }

    long page() {
        return page;
    }

    int frame() {
        return frame;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Nobody asked for the page yet: the first who does so does not count as a use. */
    void unread() {
        frames.unread(frame);
    }

    /**
     * Has the first who comes to the page go the slow way, where he is noticed: its slot stays BUSY
     * when it is filled, see {@link ReadsAhead#arrived}. Called before the read is begun.
     */
    void mark() {
        frames.set(frame, FrameState.READAHEAD);
    }

    /**
     * Gives up if the page's part of the store is being punched out. Called after the insert: a
     * punch that begins later finds the page in its slot, and waits for it.
     *
     * @return true if the page has left again
     */
    boolean removeIfPunched() {
        boolean punched = space.punched(page);
        if (punched) {
            remove(space.beingPunched());
        }
        return punched;
    }

    /**
     * Fails if the page is not wanted any more. Called after the insert: truncate and close say so
     * first, then scan the slots; here it is slot first, then look.
     */
    void checkWanted() {
        Faults.checkInside(space, page);
        space.checkOpen();
        sizeBytesBefore = space.sizeBytes();
    }

    /**
     * Has the store read the page; may block.
     *
     * @return bytes filled
     */
    int read() throws IOException {
        return context.callbacks().readPage(space, page, frame, memory);
    }

    /**
     * The store has done its part: what it did not fill becomes zero, then the user's hook looks at
     * the page.
     *
     * @param bytes filled by the store
     * @throws IOException if the page is not good
     */
    void filled(long bytes) throws IOException {
        // What lies beyond the content reads as zeros, whatever the store has there; also what lay
        // beyond it when the read began: a cut, and growth after it, may both have come in between.
        long end = Math.min(sizeBytesBefore, space.sizeBytes());
        long inside = Math.min(bytes, end - (page << context.pageShift()));
        int valid = (int) Math.clamp(inside, 0, memory.byteSize());
        if (valid < memory.byteSize()) {
            memory.asSlice(valid).fill((byte) 0);
        }
        space.counters().pagesRead.increment();
        space.counters().bytesRead.add(Math.min(bytes, memory.byteSize()));
        context.callbacks().afterRead(space, page, frame, memory);
    }

    /**
     * The page is good: everybody may read it; if it is marked, after the first who comes to it.
     *
     * @return its slot, READABLE
     */
    long publish() {
        // Slot before UPTODATE: once up to date, the slot may belong to a writer.
        long readable = Slot.readable(frame, frames.version(frame));
        if (!FrameState.any(frames.word(frame), FrameState.READAHEAD)) {
            chunk.publish(Chunk.index(page), readable);
        }
        end(FrameState::fillDone);
        return readable;
    }

    /**
     * The page is zeroed and the caller's to write.
     *
     * @return its slot, BUSY
     */
    long latch() {
        long busy = chunk.slot(Chunk.index(page));
        // Up to date and latched in one step: nobody else gets in between.
        end(word -> FrameState.beginExclusive(FrameState.fillDone(word)));
        return busy;
    }

    /**
     * The page could not be read: it leaves as if it had never been asked for. Calls the store.
     *
     * @param failure why, to be told
     * @return what the reader gets
     */
    Throwable remove(Throwable failure) {
        Throwable told = failure;
        if (!(failure instanceof RuntimeException || failure instanceof Error)) {
            space.counters().readErrors.increment();
            // Of a language without checked exceptions, it may be any.
            IOException e = failure instanceof IOException io ? io : new IOException(failure);
            told = new PageReadException(space.name(), page, e);
        }
        leave();
        context.allocator().put(frame);
        return told;
    }

    /** The page leaves its slot; the frame stays the caller's. */
    private void leave() {
        boolean onList = context.lru().drop(frame);
        long becomes = page >= space.sizePages() ? Slot.ABSENT : seen;
        Removal.leave(context, space, chunk, page, frame, becomes);
        if (becomes == Slot.ABSENT) {
            space.translation().dropIfEmpty(chunk);
        }
        end(FrameState::unlock);
        if (onList) {
            context.allocator().put(frame);
        }
    }

    private void end(LongUnaryOperator step) {
        context.unlock(frame, step);
        context.counters().fillingPages.decrementAndGet();
    }
}
