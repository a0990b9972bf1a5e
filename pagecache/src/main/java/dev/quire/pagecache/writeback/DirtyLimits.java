package dev.quire.pagecache.writeback;

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
 * How many pages may be dirty. At the background limit the flusher starts; at the hard limit
 * writers wait for it, before they take their latch.
 *
 * <p>Dirty pages of a file whose write-back fails count against that file alone: its writers get
 * the error, the others go on.
 */
public final class DirtyLimits implements DirtyThrottle {
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final CacheContext context;
    private final Signal flusher;
    private final long backgroundPages;
    private final long hardPages;
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
     */
    public DirtyLimits(CacheContext context, Signal flusher, long backgroundPages, long hardPages) {
        this.context = context;
        this.flusher = flusher;
        this.backgroundPages = backgroundPages;
        this.hardPages = hardPages;
    }

    /**
     * Has threads that wait for the flusher run it, when it has no thread of its own.
     *
     * @param help answers whether anything was done; false when others run it
     */
    public void helper(BooleanSupplier help) {
        helper = help;
    }

    @Override
    public boolean active() {
        return active;
    }

    @Override
    public void dirtied() {
        long dirty = context.counters().dirtyPages.get();
        if (dirty >= backgroundPages) {
            flusher.raise();
            if (dirty >= hardPages) {
                active = true;
            }
        }
    }

    @Override
    public void beforeDirtying(AddressSpace space) {
        // Who holds a latch must get on: others, the flusher among them, wait for it.
        if (healthyDirtyPages(space) < hardPages || context.latches().anyMine()) {
            return;
        }
        long start = System.nanoTime();
        while (healthyDirtyPages(space) >= hardPages) {
            refuseIfFailing(space);
            awaitFlush(WAIT_NANOS);
        }
        context.counters().stalled(start);
    }

    /** Dirty pages, those of other failing files left out. */
    private long healthyDirtyPages(AddressSpace writersOwn) {
        long dirty = context.counters().dirtyPages.get();
        for (AddressSpace space : context.spaces().all()) {
            if (space != writersOwn && space.stuck()) {
                dirty -= space.dirtyPages().get();
            }
        }
        return dirty;
    }

    private static void refuseIfFailing(AddressSpace space) {
        Throwable error = space.writeErrors().current();
        if (error != null) {
            String detail = "dirtyPages=" + space.dirtyPages().get() + " at the hard limit";
            throw new UncheckedIOException(new WriteFailedException(space.name(), detail, error));
        }
        space.checkWritable();
    }

    /**
     * Waits until the flusher has written something, or for a while.
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

    /** Asks for a flush whatever the limits. */
    void requestFlush() {
        flushRequested = true;
    }

    /** Whether the flusher has something to do besides old pages. */
    boolean flushWanted() {
        return flushRequested || context.counters().dirtyPages.get() >= backgroundPages;
    }

    /** The flusher begins a turn: requests made from here on are for the next one. */
    void flushing() {
        flushRequested = false;
    }

    /**
     * The flusher has finished a turn.
     *
     * @param pages how many it wrote
     */
    void flushed(int pages) {
        long dirty = context.counters().dirtyPages.get();
        if (dirty < hardPages) {
            active = false;
            if (context.counters().dirtyPages.get() >= hardPages) {
                active = true; // raised between the look and the store
            }
        }
        if (pages > 0) {
            lock.lock();
            try {
                progress.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
