package dev.quire.pagecache.space;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.backing.PageHooks;

import java.util.function.Supplier;

/** Walks a cache and checks its invariants, in every test's teardown. */
public final class CacheVerifier {
    private final CacheContext context;
    private final FrameTable frames;

    /**
     * A verifier of one cache.
     *
     * @param context the cache
     */
    public CacheVerifier(CacheContext context) {
        this.context = context;
        this.frames = context.frames();
    }

    /**
     * Checks I2, I3, I5 and I7, and the counters. Exact only while nothing else runs.
     *
     * @throws AssertionError naming the invariant and what breaks it
     */
    public void verify() {
        long cached = 0;
        long dirty = 0;
        for (AddressSpace space : context.spaces().all()) {
            long[] found = verifySpace(space);
            cached += found[0];
            dirty += found[1];
            check(
                    found[0] == space.counters().cachedPages.sum(),
                    "I5: resident slots of "
                            + space
                            + ": found="
                            + found[0]
                            + ", counted="
                            + space.counters().cachedPages);
            check(
                    found[1] == space.dirtyPages().get(),
                    "I7: dirty pages of "
                            + space
                            + ": marked="
                            + found[1]
                            + ", counted="
                            + space.dirtyPages());
        }
        check(
                cached == context.counters().cachedPages.get(),
                "I5: resident slots=" + cached + ", counted=" + context.counters().cachedPages);
        check(
                dirty == context.counters().dirtyPages.get(),
                "I7: marked dirty=" + dirty + ", counted=" + context.counters().dirtyPages);
        verifyOwners(cached);
        context.lru().verify();
    }

    /** Answers the resident and the dirty pages of a space. */
    private long[] verifySpace(AddressSpace space) {
        long cached = 0;
        long dirty = 0;
        for (Chunk chunk = space.translation().findFrom(0);
                chunk != null;
                chunk = space.translation().findFrom(chunk.firstPage() + Chunk.PAGES)) {
            int live = 0;
            for (int index = 0; index < Chunk.PAGES; index++) {
                long slot = chunk.slot(index);
                boolean marked = chunk.nextDirty(index) == index;
                live += slot == Slot.ABSENT ? 0 : 1;
                dirty += marked ? 1 : 0;
                if (Slot.isResident(slot)) {
                    cached++;
                    verifyResident(space, chunk.firstPage() + index, slot, marked);
                } else {
                    long page = chunk.firstPage() + index;
                    check(
                            !marked,
                            "I7: marked dirty but not resident: ",
                            () -> "page=" + page + " of " + space);
                }
            }
            check(live == chunk.live(), "chunk's live count=" + chunk.live() + ", slots=" + live);
        }
        return new long[] {cached, dirty};
    }

    private void verifyResident(AddressSpace space, long page, long slot, boolean marked) {
        int frame = Slot.frame(slot);
        // A walk that finds nothing makes no text of a frame.
        Supplier<String> where =
                () -> Slot.describe(slot) + ", " + frames.describe(frame) + ", page=" + page;
        check(
                frames.owner(frame) == space.id() && frames.page(frame) == page,
                "I5: slot and owner differ: ",
                where);
        long word = frames.word(frame);
        verifyReferences(frame, word, where);
        boolean pending = FrameState.any(word, FrameState.DIRTY | FrameState.WRITEBACK);
        boolean latched = FrameState.any(word, FrameState.EXCLUSIVE); // marked first, then DIRTY
        check(marked == pending || (marked && latched), "I7: mark and flag differ: ", where);
        check(
                marked || context.lsns().first(frame) == StoreWrites.NO_LSN,
                "I7: clean page with a log position: ",
                where);
        check(
                Slot.isReadable(slot)
                        || FrameState.any(
                                word,
                                FrameState.EXCLUSIVE | FrameState.LOCKED | FrameState.READAHEAD),
                "slot is BUSY, nobody is inside, and it is not marked: ",
                where);
        check(page < space.sizePages(), "page beyond the end of " + space + ": ", where);
    }

    /** The cache's reference, one for private data, one a pin, one for a latch; no others. */
    private void verifyReferences(int frame, long word, Supplier<String> where) {
        boolean isPrivate = FrameState.any(word, FrameState.PRIVATE);
        check(
                isPrivate == (context.privateData().get(frame) != PageHooks.NO_PRIVATE_DATA),
                "PRIVATE and private data differ: ",
                where);
        boolean written = FrameState.any(word, FrameState.WRITEBACK);
        long latches = FrameState.EXCLUSIVE | (written ? 0 : FrameState.SHARED_EXCLUSIVE);
        int expected =
                1
                        + FrameState.pins(word)
                        + (isPrivate ? 1 : 0)
                        + (FrameState.any(word, latches) ? 1 : 0);
        check(
                FrameState.refs(word) == expected,
                "I1: references should be " + expected + ": ",
                where);
    }

    private void verifyOwners(long cached) {
        long owned = 0;
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            owned += frames.owner(frame) == FrameTable.OWNER_NONE ? 0 : 1;
        }
        check(owned == cached, "I5: owned frames=" + owned + ", resident slots=" + cached);
    }

    private static void check(boolean holds, String broken, Supplier<String> where) {
        if (!holds) {
            throw new AssertionError(broken + where.get());
        }
    }

    private static void check(boolean holds, String broken) {
        if (!holds) {
            throw new AssertionError(broken);
        }
    }
}
