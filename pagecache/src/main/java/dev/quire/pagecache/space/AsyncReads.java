package dev.quire.pagecache.space;

import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings pages in while the caller goes on.
 *
 * <p>No more than {@link #READS_MAX} reads are given to stores at a time by callers that may not
 * wait, so that each finds a place in the engine. Beyond that a prefetch ends quietly, and a page
 * that somebody is to be told of is waited for by a virtual thread, as is a page that somebody else
 * is at.
 */
public final class AsyncReads {
    /** Reads under way; half of what an engine takes by default. */
    static final int READS_MAX = 64;

    /** Pages in one read. */
    private static final int RUN_PAGES_MAX = 32;

    /** Which part of the frames may be on their way in before a prefetch ends. */
    private static final int FILLING_PART = 4;

    /** Told when a page is cached, or cannot be; must not hold up the thread that tells it. */
    public interface Waiter {
        /**
         * Reports the outcome, once.
         *
         * @param failure null when the page is cached
         */
        void over(@Nullable Throwable failure);
    }

    private final CacheContext context;
    private final PageAllocator allocator;
    private final int fillingMax;
    private final AtomicInteger reads = new AtomicInteger();

    AsyncReads(CacheContext context) {
        this.context = context;
        allocator = context.allocator();
        fillingMax = allocator.frameCount() / FILLING_PART;
    }

    // ---- many pages, nobody told

    /**
     * Starts reading pages that are not cached, neighbours together. Never waits, neither for a
     * frame nor for a page that somebody else is at: what cannot be had now is left out.
     *
     * @param space whose pages
     * @param pages page indices, at least 0, in any order; those beyond the end are left out
     */
    public void prefetch(AddressSpace space, long... pages) {
        long[] sorted = pages.clone();
        Arrays.sort(sorted);
        if (sorted.length > 0 && sorted[0] < 0) {
            throw negative(sorted[0]);
        }
        space.checkOpen();
        try (Batch batch = new Batch(space)) {
            for (long page : sorted) {
                if (!batch.take(page)) {
                    return;
                }
            }
        }
    }

    /**
     * As {@link #prefetch(AddressSpace, long...)}, for pages that follow each other.
     *
     * @param space whose pages
     * @param firstPage page index, at least 0
     * @param count how many pages, at least 0
     */
    public void prefetchRange(AddressSpace space, long firstPage, long count) {
        if (firstPage < 0) {
            throw negative(firstPage);
        }
        if (count < 0) {
            throw new IllegalArgumentException("count must be at least 0: count=" + count);
        }
        space.checkOpen();
        try (Batch batch = new Batch(space)) {
            for (long i = 0; i < count && batch.take(firstPage + i); i++) {
                // each page by itself; what is cached already ends a run
            }
        }
    }

    private static IndexOutOfBoundsException negative(long page) {
        return new IndexOutOfBoundsException("page must be at least 0: page=" + page);
    }

    /** The pages of one prefetch, on the stack of its caller. */
    private final class Batch implements AutoCloseable {
        private final AddressSpace space;
        private @Nullable ReadRun run;

        Batch(AddressSpace space) {
            this.space = space;
        }

        /** Answers false when nothing further shall be begun. */
        boolean take(long page) {
            if (page < 0 || page >= space.sizePages()) {
                return false;
            }
            if (Slot.isResident(space.translation().slot(page))) {
                return true;
            }
            ReadRun into = runFor(page);
            int frame = into == null ? PageAllocator.NO_FRAME : frameForHint();
            if (into == null || frame == PageAllocator.NO_FRAME) {
                return false;
            }
            Fill fill = Fill.insert(context, space, page, frame);
            if (fill != null && !fill.removeIfPunched()) {
                into.add(fill);
            }
            return true;
        }

        private @Nullable ReadRun runFor(long page) {
            ReadRun open = run;
            if (open == null || !open.takes(page)) {
                close();
                open = newRun(space, RUN_PAGES_MAX, failure -> {});
                if (!tryCount()) {
                    return null;
                }
                run = open;
            }
            return open;
        }

        /** Submits what was taken; whatever happened, its pages may not stay locked. */
        @Override
        public void close() {
            ReadRun taken = run;
            run = null;
            if (taken != null) {
                taken.submit();
            }
        }
    }

    private int frameForHint() {
        return context.counters().fillingPages.get() < fillingMax
                ? allocator.tryAllocate(0)
                : PageAllocator.NO_FRAME;
    }

    /** A run that is counted out when it is over; who submits it counts it in. */
    private ReadRun newRun(AddressSpace space, int pagesMax, Waiter waiter) {
        return new ReadRun(
                context,
                space,
                pagesMax,
                failure -> {
                    reads.decrementAndGet();
                    waiter.over(failure);
                });
    }

    private boolean tryCount() {
        if (reads.incrementAndGet() <= READS_MAX) {
            return true;
        }
        reads.decrementAndGet();
        return false;
    }

    // ---- one page, somebody told

    /**
     * Brings a page in and tells of it. Never waits.
     *
     * @param space whose page
     * @param page page index, 0..sizePages-1
     * @param waiter told on a thread of the cache or of the engine; or on this one if the page is
     *     cached, or something failed at once
     * @throws IndexOutOfBoundsException if the page lies beyond the end
     */
    public void read(AddressSpace space, long page, Waiter waiter) {
        Faults.checkInside(space, page);
        long slot = space.translation().slot(page);
        if (Slot.isReadable(slot)) {
            waiter.over(null);
            return;
        }
        space.checkOpen();
        if (Slot.isResident(slot) || !tryRead(space, page, waiter)) {
            context.newReader(() -> waitAndRead(space, page, waiter)).start();
        }
    }

    private boolean tryRead(AddressSpace space, long page, Waiter waiter) {
        ReadRun run = newRun(space, 1, waiter);
        if (!tryCount()) {
            return false;
        }
        boolean begun = false;
        try {
            int frame = allocator.tryAllocate(0);
            begun = frame != PageAllocator.NO_FRAME && begin(run, space, page, frame);
        } finally {
            reads.addAndGet(begun ? 0 : -1);
        }
        return begun;
    }

    /** Answers false when somebody else is at the page by now, or at its part of the store. */
    private boolean begin(ReadRun run, AddressSpace space, long page, int frame) {
        Fill fill = Fill.insert(context, space, page, frame);
        if (fill == null || fill.removeIfPunched()) {
            return false;
        }
        run.add(fill);
        run.submit();
        return true;
    }

    /** On a virtual thread: sleeps for what the caller could not wait for. */
    @SuppressWarnings("CatchThrowable") // The waiter gets it.
    private void waitAndRead(AddressSpace space, long page, Waiter waiter) {
        try {
            while (true) {
                Faults.checkInside(space, page);
                long slot = space.translation().slot(page);
                if (Slot.isReadable(slot)) {
                    break;
                }
                if (Slot.isResident(slot)) {
                    context.awaitFilled(Slot.frame(slot));
                } else if (space.punched(page)) {
                    space.awaitPunched(context.latches());
                } else if (readWhenPossible(space, page, waiter)) {
                    return;
                }
            }
        } catch (Throwable e) {
            waiter.over(e);
            return;
        }
        waiter.over(null);
    }

    private boolean readWhenPossible(AddressSpace space, long page, Waiter waiter) {
        space.checkOpen();
        ReadRun run = newRun(space, 1, waiter);
        int frame = allocator.allocate(0);
        reads.incrementAndGet(); // the engine may have no place: a virtual thread can wait for one
        boolean begun = false;
        try {
            begun = begin(run, space, page, frame);
        } finally {
            reads.addAndGet(begun ? 0 : -1);
        }
        return begun;
    }
}
