package dev.quire.pagecache.writeback;

import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import org.agrona.concurrent.Agent;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;

/**
 * Has dirty pages written back in the background: all of them once they are old enough, and as many
 * as needed when there are more than the background limit. It writes nothing itself: each file is
 * written by a thread of its own, so that one that hangs stops nobody else.
 *
 * <p>A file whose write-back fails is left alone for a while; its pages stay dirty, other files go
 * on.
 */
public final class Flusher implements Agent {
    private static final System.Logger LOG = System.getLogger(Flusher.class.getName());
    private static final long PAGES_PER_TURN_MIN = 1024;

    /** As many stores may hang until the background write-back of the others stops. */
    private static final int WRITERS_MAX = 32;

    private final CacheContext context;
    private final Writeback writeback;
    private final DirtyLimits limits;
    private final Signal signal;
    private final long ageNanos;
    private final Lock atWork;
    private final Semaphore writers = new Semaphore(WRITERS_MAX);
    private final Map<AddressSpace, FileFlush> flushes = new HashMap<>();
    private long lastFullPassNanos = System.nanoTime();

    /**
     * The flusher of one cache.
     *
     * @param context the cache
     * @param writeback how pages are written
     * @param limits when there are too many
     * @param signal how it idles, and is woken
     * @param ageNanos how long a page stays dirty at most before it is written
     * @param atWork held while a file is written
     */
    public Flusher(
            CacheContext context,
            Writeback writeback,
            DirtyLimits limits,
            Signal signal,
            long ageNanos,
            Lock atWork) {
        this.context = context;
        this.writeback = writeback;
        this.limits = limits;
        this.signal = signal;
        this.ageNanos = ageNanos;
        this.atWork = atWork;
    }

    /** Asks for work to be done soon, whatever the limits: somebody needs clean pages. */
    public void wake() {
        limits.requestFlush();
        signal.raise();
    }

    /** Starts the writers of files that need one; answers 0: they wake it when there is more. */
    @Override
    public int doWork() {
        long now = System.nanoTime();
        boolean aged = now - lastFullPassNanos >= ageNanos / 2;
        if (!aged && !limits.flushWanted()) {
            return 0;
        }
        if (aged) {
            lastFullPassNanos = now;
        }
        limits.flushing();
        flushes.values().removeIf(FileFlush::over); // a closed file is not to be kept
        for (AddressSpace space : context.spaces().all()) {
            if (space.dirtyPages().get() > 0) {
                FileFlush flush =
                        flushes.computeIfAbsent(space, it -> new FileFlush(writeback, it));
                if (flush.wanted(now)) {
                    start(flush, aged);
                }
            }
        }
        return 0;
    }

    private void start(FileFlush flush, boolean everything) {
        if (!writers.tryAcquire()) {
            return; // the first that is done wakes the flusher
        }
        boolean started = flush.begin();
        try {
            if (started) {
                context.threads().execute(() -> run(flush, everything));
            }
        } catch (RuntimeException | Error e) { // no thread to be had
            started = false;
            flush.end();
            throw e;
        } finally {
            if (!started) {
                writers.release();
            }
        }
    }

    @SuppressWarnings(
            "CatchThrowable") // The thread is done anyway; the file must not stay claimed.
    private void run(FileFlush flush, boolean everything) {
        boolean progress = false;
        try {
            int pages;
            do {
                atWork.lock();
                try {
                    pages = flush.turn(everything ? Long.MAX_VALUE : pagesWanted());
                } finally {
                    atWork.unlock();
                }
                progress |= pages > 0;
            } while (pages > 0 && limits.overBackground());
        } catch (Throwable e) {
            LOG.log(Level.ERROR, roleName() + " failed, and goes on", e);
        } finally {
            flush.end();
            writers.release();
            if (progress) {
                signal.raise();
            }
        }
    }

    private long pagesWanted() {
        return Math.max(PAGES_PER_TURN_MIN, limits.pagesOverHalfBackground());
    }

    @Override
    public String roleName() {
        return "quire-flusher";
    }
}
