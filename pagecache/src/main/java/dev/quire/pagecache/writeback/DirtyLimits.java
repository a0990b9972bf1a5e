package dev.quire.pagecache.writeback;

import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.Progress;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.core.Stalls;
import dev.quire.pagecache.events.StallKind;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;

import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * How many pages may be dirty. At the background limit the flusher starts; from the middle between
 * it and the hard limit on writers are slowed, the more the nearer; at the hard limit they wait.
 * All of that before they take their latch, and never while they hold one.
 *
 * <p>Dirty pages of a file whose write-back fails, or hangs, or that the engine holds back, count
 * against that file alone: its writers get the error, or wait; the others go on.
 */
public final class DirtyLimits implements DirtyThrottle {
    /** Nobody tells when a store begins to hang, or the engine to hold pages back. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final CacheContext context;
    private final Signal flusher;
    private final WriterPace pace = new WriterPace(System::nanoTime);
    private final int backgroundPercent;
    private final int hardPercent;
    private volatile long backgroundPages;
    private volatile long slowPages;
    private volatile long hardPages;
    private final long stallNanosMax;
    private final Progress progress = new Progress();
    private volatile boolean active;
    private volatile boolean flushRequested;
    private volatile BooleanSupplier helper = () -> false;

    /**
     * The limits of one cache.
     *
     * @param context the cache
     * @param flusher wakes the flusher
     * @param backgroundPercent dirty part of the pages at which the flusher starts
     * @param hardPercent dirty part of the pages at which writers wait
     * @param stallNanosMax how long at most they wait for pages that the engine holds back
     */
    public DirtyLimits(
            CacheContext context,
            Signal flusher,
            int backgroundPercent,
            int hardPercent,
            long stallNanosMax) {
        this.context = context;
        this.flusher = flusher;
        this.backgroundPercent = backgroundPercent;
        this.hardPercent = hardPercent;
        this.stallNanosMax = stallNanosMax;
        resize(context.allocator().frameCount());
    }

    /**
     * Says how many pages the cache may have: the limits are parts of them.
     *
     * @param pages at least 1
     */
    public void resize(long pages) {
        long background = Math.max(1, pages * backgroundPercent / 100);
        long hard = Math.max(2, pages * hardPercent / 100);
        backgroundPages = background;
        slowPages = (background + hard) / 2;
        hardPages = hard;
        if (dirtyPages() >= slowPages) {
            active = true;
        }
    }

    /**
     * Has threads that wait for the flusher run it, when it has no thread of its own.
     *
     * @param help answers whether anything was done; false when others run it
     */
    public void helper(BooleanSupplier help) {
        helper = help;
    }

    private long dirtyPages() {
        return context.counters().dirtyPages.get();
    }

    // ---- writers

    @Override
    public boolean active() {
        return active;
    }

    @Override
    public void dirtied() {
        long dirty = dirtyPages();
        if (dirty >= backgroundPages) {
            flusher.raise();
            if (dirty >= slowPages) {
                pace.dirtied(dirty - slowPages, hardPages - slowPages);
                active = true;
            }
        }
    }

    @Override
    public boolean wouldStall(AddressSpace space) {
        return writablePages(space) >= hardPages && !context.latches().anyMine();
    }

    @Override
    public void beforeDirtying(AddressSpace space) {
        long dirty = writablePages(space);
        boolean slow = dirty >= slowPages && pace.due();
        // Who holds a latch must get on: others, the flusher among them, wait for it.
        if ((dirty < hardPages && !slow) || context.latches().anyMine()) {
            return;
        }
        if (context.callbacks().inside()) { // write-back may wait for this thread, too
            if (dirty >= hardPages) {
                context.callbacks().checkNotInHook("write", "write-back: " + atHardLimit(space));
            }
            return;
        }
        Stalls.Stall stall = context.counters().stalls.begin(StallKind.WRITE_THROTTLE);
        try {
            if (dirty < hardPages) {
                pause(pace.owedNanos());
            } else {
                awaitRoom(space);
            }
        } finally {
            stall.end(space.name());
        }
    }

    /** Pays the common debt; ends early when there is room again. */
    private void pause(long owedNanos) {
        long start = System.nanoTime();
        long seen = progress.count();
        long left = owedNanos;
        while (left > 0 && dirtyPages() >= slowPages) {
            progress.await(seen, left);
            seen = progress.count();
            left = owedNanos - (System.nanoTime() - start);
        }
    }

    private void awaitRoom(AddressSpace space) {
        long start = System.nanoTime();
        long seen = progress.count();
        while (writablePages(space) >= hardPages) {
            refuseIfFailing(space);
            refuseIfHeld(space, System.nanoTime() - start);
            awaitFlush(seen, LOOK_AGAIN_NANOS);
            seen = progress.count();
        }
    }

    /** Dirty pages, without those that other files cannot get rid of. */
    private long writablePages(AddressSpace writersOwn) {
        long dirty = dirtyPages();
        if (dirty < slowPages) {
            return dirty;
        }
        for (AddressSpace space : context.spaces().all()) {
            if (space != writersOwn) {
                dirty -= space.unwritablePages();
            }
        }
        return dirty;
    }

    private static void refuseIfFailing(AddressSpace space) {
        Throwable error = space.writeErrors().current();
        if (error != null) {
            throw new UncheckedIOException(
                    new WriteFailedException(space.name(), atHardLimit(space), error));
        }
        space.checkWritable();
    }

    private void refuseIfHeld(AddressSpace space, long waitedNanos) {
        long held = space.heldPages();
        if (held > 0 && waitedNanos >= stallNanosMax) {
            String log = "the log: pagesHeldBack=" + held + ", " + atHardLimit(space);
            throw new WouldBlockException(space.name(), "write", log);
        }
    }

    private static String atHardLimit(AddressSpace space) {
        return "dirtyPages=" + space.dirtyPages().get() + " at the hard limit";
    }

    /**
     * How many writes have ended so far.
     *
     * @return for {@link #awaitFlush}
     */
    public long flushes() {
        return progress.count();
    }

    /**
     * Has the flusher work, and waits until another write has ended, or for a while.
     *
     * @param seen {@link #flushes} before the caller found that it has to wait
     * @param nanosMax how long at most
     */
    public void awaitFlush(long seen, long nanosMax) {
        flushRequested = true;
        flusher.raise();
        if (!helper.getAsBoolean()) {
            progress.await(seen, nanosMax);
        }
    }

    // ---- the flusher

    /** Asks for a flush whatever the limits. */
    void requestFlush() {
        flushRequested = true;
    }

    /** Whether the flusher has something to do besides old pages. */
    boolean flushWanted() {
        return flushRequested || overBackground();
    }

    boolean overBackground() {
        return dirtyPages() >= backgroundPages;
    }

    /** How many pages to write until the flusher can rest for a while. */
    long pagesOverHalfBackground() {
        return dirtyPages() - backgroundPages / 2;
    }

    /** The flusher begins a turn: requests made from here on are for the next one. */
    void flushing() {
        flushRequested = false;
    }

    /**
     * A write to a store is over. Never blocks for long: it may be called by a completion.
     *
     * @param pages how many pages it cleaned
     */
    void written(int pages) {
        if (pages > 0) {
            pace.written(pages);
            if (dirtyPages() < slowPages) {
                active = false;
                if (dirtyPages() >= slowPages) {
                    active = true; // raised between the look and the store
                }
            }
        }
        progress.made(); // also by a failure: writers of that file are to be told
    }
}
