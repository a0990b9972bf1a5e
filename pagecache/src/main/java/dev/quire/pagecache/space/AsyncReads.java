package dev.quire.pagecache.space;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.readahead.Window;

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
    /** Reads under way; half of what an engine takes by default, see {@link #engineTakes}. */
    static final int READS_MAX = 64;

    /** Bytes in one read: as large as pays, and small enough that several share a window. */
    private static final int RUN_BYTES_MAX = 256 << 10;

    /** Which part of the frames that may be used may be on their way in before a prefetch ends. */
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
    private final int runPagesMax;
    private final AtomicInteger reads = new AtomicInteger();
    private volatile int readsMax = READS_MAX;

    AsyncReads(CacheContext context) {
        this.context = context;
        allocator = context.allocator();
        runPagesMax = runPagesMax(context.pageShift());
    }

    private static int runPagesMax(int pageShift) {
        return RUN_BYTES_MAX >>> pageShift;
    }

    /**
     * Says how many requests the engine takes: half of them may be reads that nobody waits for.
     *
     * @param queueDepth at least 1
     */
    public void engineTakes(int queueDepth) {
        readsMax = readsMax(queueDepth);
    }

    private static int readsMax(int queueDepth) {
        return Math.clamp(queueDepth / 2, 1, READS_MAX);
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
        prefetch(space, pages.clone(), pages.length);
    }

    /**
     * As {@link #prefetch(AddressSpace, long...)}, for some of the pages of an array.
     *
     * @param space whose pages
     * @param pages page indices, at least 0; the first of them are sorted by this
     * @param count how many of the array's elements
     */
    public void prefetch(AddressSpace space, long[] pages, int count) {
        Arrays.sort(pages, 0, count);
        if (count > 0 && pages[0] < 0) {
            throw negative(pages[0]);
        }
        space.checkOpen();
        try (Batch batch = new Batch(space, null, AllocContext.NO_RECLAIM)) {
            for (int i = 0; i < count; i++) {
                if (!batch.take(pages[i])) {
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
        try (Batch batch = new Batch(space, null, AllocContext.NO_RECLAIM)) {
            for (long i = 0; i < count && batch.take(firstPage + i); i++) {
                // each page by itself; what is cached already ends a run
            }
        }
    }

    /**
     * Starts reading a window of read-ahead, the pages that are wanted first before the others, and
     * marks the first of them. Waits for nothing.
     *
     * @param space whose pages
     * @param window which
     * @param how what may be done for its frames
     * @return how many of its pages are there or on their way in, counted from its first
     */
    int ahead(AddressSpace space, Window window, AllocContext how) {
        int covered = 0;
        // Planned as if all frames might be used.
        int pages = Math.min(window.pages(), allocator.limitFrames() / ReadsAhead.WINDOW_PART);
        try (Batch batch = new Batch(space, window, how)) {
            while (covered < pages) {
                int run = Math.min(runPagesMax, pages - covered);
                // Reads go upward, whichever way the stream goes.
                long low =
                        window.step() > 0 ? window.after(covered) : window.after(covered + run - 1);
                int taken = 0;
                while (taken < run && batch.take(low + taken)) {
                    taken++;
                }
                batch.submit();
                if (taken < run) {
                    return window.step() > 0 ? covered + taken : covered;
                }
                covered += run;
            }
        }
        return covered;
    }

    private static IndexOutOfBoundsException negative(long page) {
        return new IndexOutOfBoundsException("page must be at least 0: page=" + page);
    }

    /** The pages of one prefetch, on the stack of its caller. */
    private final class Batch implements AutoCloseable {
        private final AddressSpace space;
        private final AllocContext how;
        private @Nullable Window toBeMarked;
        private @Nullable ReadRun run;

        Batch(AddressSpace space, @Nullable Window toBeMarked, AllocContext how) {
            this.space = space;
            this.toBeMarked = toBeMarked;
            this.how = how;
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
            int frame = into == null ? PageAllocator.NO_FRAME : frameForHint(how);
            if (into == null || frame == PageAllocator.NO_FRAME) {
                return false;
            }
            Fill fill = Fill.tryInsert(context, space, page, frame);
            if (fill != null && !fill.removeIfPunched()) {
                fill.unread();
                into.add(fill);
                space.counters().prefetchedPages.increment();
            }
            return true;
        }

        private @Nullable ReadRun runFor(long page) {
            ReadRun open = run;
            if (open == null || !open.takes(page)) {
                submit();
                open = newRun(space, runPagesMax, this::over);
                if (!tryCount()) {
                    return null;
                }
                run = open;
            }
            return open;
        }

        void submit() {
            ReadRun taken = run;
            run = null;
            if (taken != null) {
                mark(taken);
                taken.submit();
            }
        }

        /** Marks the page that the stream comes to first, before it can be there. */
        private void mark(ReadRun taken) {
            Window window = toBeMarked;
            Fill fill = window == null ? null : taken.end(window.step());
            if (window != null && fill != null) {
                toBeMarked = null;
                fill.mark();
                space.readAhead().marked(window, fill.page());
            }
        }

        /** Nobody is told; a page that is bad is found by who wants it. */
        private void over(@Nullable Throwable failure) {
            if (failure instanceof PageReadException) {
                space.readAhead().failed();
            }
        }

        /** Submits what was taken; whatever happened, its pages may not stay locked. */
        @Override
        public void close() {
            submit();
        }
    }

    /** Answers NO_FRAME when enough are on their way in, or none can be had so. */
    private int frameForHint(AllocContext how) {
        int fillingMax = allocator.limitFrames() / FILLING_PART;
        return context.counters().fillingPages.get() < fillingMax
                ? allocator.frame(allocator.tryAllocate(0, how))
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
        if (reads.incrementAndGet() <= readsMax) {
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
        if (Slot.isResident(slot)
                && context.readsAhead().arrived(space, page, Slot.frame(slot))
                && Slot.isReadable(space.translation().slot(page))) {
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
            int frame = allocator.frame(allocator.tryAllocate(0));
            begun =
                    frame != PageAllocator.NO_FRAME
                            && begin(run, Fill.tryInsert(context, space, page, frame));
        } finally {
            reads.addAndGet(begun ? 0 : -1);
        }
        return begun;
    }

    /** Answers false when somebody else is at the page by now, or at its part of the store. */
    private boolean begin(ReadRun run, @Nullable Fill fill) {
        if (fill == null || fill.removeIfPunched()) {
            return false;
        }
        fill.unread();
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
                    if (!context.readsAhead().arrived(space, page, Slot.frame(slot))) {
                        context.awaitFilled(space, page, Slot.frame(slot));
                    }
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
        int frame = context.newFrames().take();
        reads.incrementAndGet(); // the engine may have no place: a virtual thread can wait for one
        boolean begun = false;
        try {
            begun = begin(run, Fill.insert(context, space, page, frame));
        } finally {
            reads.addAndGet(begun ? 0 : -1);
        }
        return begun;
    }
}
