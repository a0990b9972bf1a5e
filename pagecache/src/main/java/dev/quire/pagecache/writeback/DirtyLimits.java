package dev.quire.pagecache.writeback;

import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;

import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final CacheContext context;
    private final Signal flusher;
    private final WriterPace pace = new WriterPace(System::nanoTime);
    private final long backgroundPages;
    private final long slowPages;
    private final long hardPages;
    private final long stallNanosMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progress = lock.newCondition();
    private volatile boolean active;
    private volatile boolean flushRequested;
    private volatile BooleanSupplier helper = () -> false;

    /**
     * The limits of one cache.
     *
     * @param context the cache
     * @param flusher wakes the flusher
     * @param backgroundPages dirty pages at which the flusher starts
     * @param hardPages dirty pages at which writers wait
     * @param stallNanosMax how long at most they wait for pages that the engine holds back
     */
    public DirtyLimits(
            CacheContext context,
            Signal flusher,
            long backgroundPages,
            long hardPages,
            long stallNanosMax) {
        this.context = context;
        this.flusher = flusher;
        this.backgroundPages = backgroundPages;
        slowPages = (backgroundPages + hardPages) / 2;
        this.hardPages = hardPages;
        this.stallNanosMax = stallNanosMax;
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
        long start = System.nanoTime();
        if (dirty < hardPages) {
            pace.pause();
        } else {
            awaitRoom(space, start);
        }
        context.counters().stalled(start);
    }

    private void awaitRoom(AddressSpace space, long start) {
        while (writablePages(space) >= hardPages) {
            refuseIfFailing(space);
            refuseIfHeld(space, System.nanoTime() - start);
            awaitFlush(WAIT_NANOS);
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
     * Waits until something was written, or for a while.
     *
     * @param nanosMax how long at most
     */
    @SuppressWarnings("WaitNotInLoop") // the callers look again at what they wait for
    public void awaitFlush(long nanosMax) {
        flushRequested = true;
        flusher.raise();
        if (helper.getAsBoolean()) {
            return;
        }
        boolean interrupted =
                Thread.interrupted(); // an interrupt may not turn this into a busy loop
        lock.lock();
        try {
            progress.awaitNanos(nanosMax);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
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
        if (pages == 0) {
            return;
        }
        pace.written(pages);
        if (dirtyPages() < slowPages) {
            active = false;
            if (dirtyPages() >= slowPages) {
                active = true; // raised between the look and the store
            }
        }
        lock.lock();
        try {
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
