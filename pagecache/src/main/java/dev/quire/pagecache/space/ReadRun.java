package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.ReadCompletion;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Consecutive pages on their way in with one read of the store, while nobody waits.
 *
 * <p>Confined to the thread that submits it, then to whoever ends it: the store's completion where
 * no foreign code is called and no page leaves, the space's {@link StoreLane} otherwise.
 */
final class ReadRun implements ReadCompletion {
    private final CacheContext context;
    private final AddressSpace space;
    private final AsyncReads.Waiter waiter;
    private final Fill[] fills;
    private final MemorySegment[] pages;
    private int count;

    private final AtomicBoolean reported = new AtomicBoolean();
    private final AtomicInteger left = new AtomicInteger();
    private volatile @Nullable Throwable failed;

    ReadRun(CacheContext context, AddressSpace space, int pagesMax, AsyncReads.Waiter waiter) {
        this.context = context;
        this.space = space;
        this.waiter = waiter;
        fills = new Fill[pagesMax];
        pages = new MemorySegment[pagesMax];
    }

    /** Whether a page can be added. */
    boolean takes(long page) {
        return count == 0 || (count < fills.length && fills[count - 1].page() + 1 == page);
    }

    void add(Fill fill) {
        fills[count] = fill;
        pages[count] = fill.memory();
        count++;
    }

    /** The first page, or the last; null when there is none. */
    @Nullable Fill end(int step) {
        return count == 0 ? null : fills[step > 0 ? 0 : count - 1];
    }

    /** Starts the read. Throws nothing: what fails is told to the waiter. */
    @SuppressWarnings("CatchThrowable") // Foreign code; the pages must not stay locked.
    void submit() {
        left.set(count);
        if (count == 0) {
            waiter.over(null);
            return;
        }
        try {
            for (int i = 0; i < count; i++) {
                fills[i].checkWanted();
            }
            boolean taken =
                    context.callbacks().readPages(space, fills[0].page(), pages, count, this);
            if (!taken && isFirstReport()) {
                space.readAhead().blocking();
                readElsewhere();
            }
        } catch (Throwable e) {
            if (isFirstReport()) {
                end(-1, e);
            }
        }
    }

    @Override
    public void complete(long bytes, @Nullable Throwable failure) {
        if (!isFirstReport()) {
            return;
        }
        if ((failure == null && !space.hooks().afterRead()) || space.lane().isInside()) {
            end(bytes, failure);
        } else {
            // Hooks run, pages leave: not on a thread of the engine.
            space.lane().execute(() -> end(bytes, failure));
        }
    }

    /** A store that reports twice would end a page that is somebody else's by then. */
    private boolean isFirstReport() {
        if (reported.compareAndSet(false, true)) {
            return true;
        }
        context.callbacks()
                .contained(
                        "readPages",
                        space,
                        fills[0].page(),
                        new IllegalStateException("a read was reported twice"));
        return false;
    }

    /** The store has only reads that block: several at a time, on threads of the cache. */
    private void readElsewhere() {
        for (int i = 0; i < count; i++) {
            Fill fill = fills[i];
            space.lane().execute(() -> over(readHere(fill)));
        }
    }

    @SuppressWarnings("CatchThrowable") // The store's, or the hook's: the reader gets it.
    private @Nullable Throwable readHere(Fill fill) {
        try {
            fill.filled(fill.read());
        } catch (Throwable e) {
            return fill.remove(e);
        }
        fill.publish();
        return null;
    }

    private void end(long bytes, @Nullable Throwable failure) {
        for (int i = 0; i < count; i++) {
            long mine = Math.max(0, bytes - ((long) i << context.pageShift()));
            over(failure == null ? end(fills[i], mine) : fills[i].remove(failure));
        }
    }

    @SuppressWarnings("CatchThrowable") // The hook's: the reader gets it.
    private static @Nullable Throwable end(Fill fill, long bytes) {
        try {
            fill.filled(bytes);
        } catch (Throwable e) {
            return fill.remove(e);
        }
        fill.publish();
        return null;
    }

    private void over(@Nullable Throwable failure) {
        if (failure != null) {
            failed = failure;
        }
        if (left.decrementAndGet() == 0) {
            waiter.over(failed);
        }
    }
}
