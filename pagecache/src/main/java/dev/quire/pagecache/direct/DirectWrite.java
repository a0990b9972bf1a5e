package dev.quire.pagecache.direct;

import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirectRange;
import dev.quire.pagecache.space.SpaceSnapshot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One direct write. {@link #tryPrepare} either has it ready to go, or has done nothing; from {@link
 * #start} on there is one way in which anything about it can be told, {@link #over}, and only what
 * comes there first counts. Nothing on the way to the store answers anything, so that no later
 * error can stand where "under way" stood (S2.1).
 */
final class DirectWrite {
    /** What may be done to have no cached page in the range. */
    enum Clearing {
        /** Nothing: it may be cached nowhere. */
        NONE,
        /** Drop what can be had at once. */
        AT_ONCE,
        /** The same, and wait for locks. */
        WAITING
    }

    private final CacheContext context;
    private final AddressSpace space;
    private final DirectStore store;
    private final MemorySegment from;
    private final DirectRange range;
    private final Told told;
    private final AtomicBoolean over = new AtomicBoolean();
    private @Nullable Throwable failure; // published by DirectWrites.over

    DirectWrite(
            CacheContext context,
            AddressSpace space,
            DirectStore store,
            MemorySegment from,
            long position,
            Told told) {
        this.context = context;
        this.space = space;
        this.store = store;
        this.from = from;
        this.told = told;
        long endBytes = position + from.byteSize();
        range = new DirectRange(position, endBytes, context.pageShift(), this::end);
    }

    // ---- before

    /**
     * Has the pages of the range kept as they are, if none is cached.
     *
     * @param how what may be done so that none is
     * @return false, nothing done but pages dropped, if one is in the way
     * @throws IOException if content behind the end that was cut cannot be cut off the store
     */
    boolean tryPrepare(Clearing how) throws IOException {
        if (how == Clearing.WAITING) {
            space.directTransfers().begin();
        } else if (!space.directTransfers().tryBegin()) {
            return false;
        }
        boolean prepared = false;
        try {
            space.checkWritable(); // counted by now: close waits, or this sees that it is closed
            prepared = tryPublish(how == Clearing.WAITING) && isClear(how) && isKept(how);
        } finally {
            if (!prepared) {
                space.directWrites().withdraw(range);
                space.directTransfers().end();
            }
        }
        return prepared;
    }

    private boolean tryPublish(boolean mayWait) throws IOException {
        if (mayWait) {
            space.lockToGrow(context.latches());
        } else if (!space.sizeLock().tryLock()) {
            return false;
        }
        try {
            boolean extending = range.endBytes() > space.sizeBytes();
            if (extending) {
                space.checkCut();
            }
            space.directWrites().publish(range, extending);
            return true;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            space.sizeLock().unlock();
        }
    }

    /** Never waits for a page: its holder may wait for this range. */
    private boolean isClear(Clearing how) {
        return how == Clearing.NONE
                ? !context.invalidation().anyCached(space, range.firstPage(), range.endPage())
                : context.invalidation().tryClear(space, range.firstPage(), range.endPage());
    }

    /**
     * Has snapshots keep what the pages hold: from now on nobody changes them but this write, and
     * no snapshot is taken before it is over.
     */
    private boolean isKept(Clearing how) {
        if (how != Clearing.WAITING) {
            return !space.snapshots().needs(range.firstPage(), range.endPage());
        }
        @Nullable SpaceSnapshot kept;
        do {
            kept = space.snapshots().keep(range.firstPage(), range.endPage()); // may read them
        } while (!space.snapshots().areKept(kept)); // one was closed meanwhile
        return true;
    }

    // ---- on its way

    /** Gives the prepared write to the store, and returns. */
    @SuppressWarnings("CatchThrowable") // There is one way to tell of it.
    void start() {
        space.counters().directWrites.increment();
        try {
            store.write(from, range.position(), failed -> over(failed, false));
        } catch (Throwable e) {
            over(e, false);
        }
    }

    /** Does the prepared write on the calling thread, and its end, unless it has to wait for it. */
    @SuppressWarnings("CatchThrowable") // As above.
    void writeHere() {
        space.counters().directWrites.increment();
        try {
            store.write(from, range.position());
        } catch (Throwable e) {
            over(e, true);
            return;
        }
        over(null, true);
    }

    /** The store has answered. Waits for nothing, unless the end may be done here. */
    private void over(@Nullable Throwable failed, boolean mayEndHere) {
        if (!over.compareAndSet(false, true)) {
            context.callbacks()
                    .contained(
                            "directWrite",
                            space,
                            range.firstPage(),
                            new IllegalStateException("a write was answered twice"));
            return;
        }
        failure = failed;
        boolean mine = false;
        for (DirectRange turn : space.directWrites().over(range)) {
            if (mayEndHere && turn == range) {
                mine = true;
            } else {
                space.directLane().execute(turn::end);
            }
        }
        if (mine) {
            range.end();
        }
    }

    // ---- after

    /** Takes locks, and waits for fills; allocates nothing from the cache. */
    @SuppressWarnings("CatchThrowable") // The range must not stay published.
    private void end() {
        Throwable failed = failure;
        try {
            if (failed == null) {
                space.writes().written(); // before anybody can take the file for synced
                settleSize();
                settlePages();
            } else {
                settleFailed();
            }
        } catch (Throwable e) {
            context.callbacks().contained("directWrite", space, range.firstPage(), e);
        } finally {
            space.directWrites().withdraw(range);
            space.directTransfers().end();
        }
        told.over(failed == null ? from.byteSize() : -1, failed);
    }

    /** After the bytes are in the store, and before the pages are dropped (S2.8). */
    private void settleSize() {
        if (range.extending()) {
            space.sizeLock().lock();
            try {
                space.reached(range.endBytes());
            } finally {
                space.sizeLock().unlock();
            }
        }
    }

    /** Drops what was brought in meanwhile, with the bytes of before (S2.9, S2.10). */
    private void settlePages() {
        long stale = context.invalidation().dropUnder(space, range);
        if (stale > 0) {
            context.counters().stalePages.add(stale);
            space.writeErrors()
                    .recordOnly(
                            new IOException(
                                    "cached pages are older than a direct write: pages="
                                            + stale
                                            + ", "
                                            + range
                                            + ", file="
                                            + space.name()));
        }
    }

    /** Part of it may be in the store: behind the end, that is cut off before the file grows. */
    private void settleFailed() {
        if (range.extending()) {
            space.sizeLock().lock();
            try {
                space.cutPending(true);
            } finally {
                space.sizeLock().unlock();
            }
        }
        context.invalidation().dropUnder(space, range);
    }
}
