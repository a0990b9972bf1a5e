package dev.quire.pagecache.writeback;

import static dev.quire.allocator.frame.FrameState.REFUSED;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Puts single pages under write-back: latches them, asks the engine whether they may go, and has
 * them stamped.
 */
final class PageStart {
    private final CacheContext context;
    private final FrameTable frames;
    private final AddressSpace space;

    PageStart(CacheContext context, AddressSpace space) {
        this.context = context;
        this.frames = context.frames();
        this.space = space;
    }

    /** Puts a page under write-back, if it is dirty and nobody is inside; never waits. */
    boolean begin(Chunk chunk, long page, int frame) {
        if (frames.update(frame, FrameState::beginWriteback) == REFUSED) {
            return false;
        }
        context.counters().writebackPages.incrementAndGet();
        if (!Slot.names(chunk.slot(Chunk.index(page)), frame)) {
            // The frame went to another page between slot and word: dirty, as we found it.
            fail(frame);
            return false;
        }
        return true;
    }

    /**
     * Asks the engine, which may stamp the image; after {@link #beginStamp}.
     *
     * @return GO, or the log position that the page waits for; the page is under write-back still
     * @throws IOException if the engine says that the page cannot be written
     */
    long ask(Chunk chunk, long page, int frame, MemorySegment memory) throws IOException {
        return space.stampsPages()
                ? stamp(chunk, page, frame, memory)
                : askHook(page, frame, memory.asReadOnly());
    }

    private long askHook(long page, int frame, MemorySegment image) throws IOException {
        long lsn = context.lsns().highest(frame);
        return context.callbacks().beforeWrite(space, page, frame, image, lsn);
    }

    /**
     * Latches a page that will be stamped, and keeps it for snapshots: a stamp is a write.
     *
     * @return false, the page under write-back as before, when a snapshot is being taken
     */
    boolean beginStamp(int frame) {
        if (!space.stampsPages()) {
            return true;
        }
        frames.require(frame, frames.update(frame, FrameState::beginStamp), "beginStamp");
        boolean admitted = space.admits(frame);
        if (!admitted) {
            endStamp(frame);
        }
        return admitted;
    }

    private void endStamp(int frame) {
        long replaced = frames.replace(frame, FrameState::endStamp);
        frames.require(frame, replaced, "endStamp");
        context.waits().wake(frame, replaced);
    }

    /** Readers see the page before the stamp or after it: as a write, but the page gets cleaner. */
    private long stamp(Chunk chunk, long page, int frame, MemorySegment memory) throws IOException {
        int index = Chunk.index(page);
        chunk.beginStores(index);
        try {
            return askHook(page, frame, memory);
        } finally {
            chunk.publish(index, Slot.readable(frame, frames.nextVersion(frame)));
            endStamp(frame);
        }
    }

    /** Ends the write-back of a page that reached the store. */
    void end(int frame) {
        long replaced = frames.replace(frame, FrameState::endWriteback);
        ended(frame, replaced);
    }

    /** Ends the write-back of a page that did not reach the store: it is dirty, as before. */
    void fail(int frame) {
        long replaced = frames.replace(frame, FrameState::failWriteback);
        ended(frame, replaced);
    }

    private void ended(int frame, long replaced) {
        frames.require(frame, replaced, "endWriteback");
        context.counters().writebackPages.decrementAndGet();
        context.waits().wake(frame, replaced);
    }

    /** Whether an answer of the engine lets a page go. */
    static boolean mayGo(long answer) {
        return answer == PageHooks.GO;
    }
}
