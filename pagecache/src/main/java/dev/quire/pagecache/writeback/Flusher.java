package dev.quire.pagecache.writeback;

import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import org.agrona.concurrent.Agent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Has dirty pages written back in the background: all of them once they are old enough, and as many
 * as needed when there are more than the background limit. It writes nothing itself: each file is
 * written by a thread of its own, so that one that hangs stops nobody else.
 *
 * <p>A file whose write-back fails is left alone for a while; its pages stay dirty, other files go
 * on.
 */
public final class Flusher implements Agent {
    private static final int PAGES_PER_TURN_MIN = 1024;

    /** As many stores may hang until the background write-back of the others stops. */
    private static final int WRITERS_MAX = 32;

    private final CacheContext context;
    private final Writeback writeback;
    private final DirtyLimits limits;
    private final Signal signal;
    private final long ageNanos;
    private final AgentWork atWork;
    private final LongSupplier nanoClock;
    private final Semaphore writers = new Semaphore(writersMax());
    private final Map<AddressSpace, FileFlush> flushes = new HashMap<>();
    private long lastFullPassNanos;
    private int nextSpace; // where a pass goes on that found no writer for it
    private boolean waiting; // files are due that nobody has begun with
    private volatile boolean refused;

    // Turns in a row that stored nothing, and how many are enough: then all have been tried.
    private final AtomicInteger turnsInVain = new AtomicInteger();
    private volatile int turnsInVainMax;

    /**
     * The flusher of one cache.
     *
     * @param context the cache
     * @param writeback how pages are written
     * @param limits when there are too many
     * @param signal how it idles, and is woken
     * @param ageNanos how long a page stays dirty at most before it is written
     * @param atWork does the writing, so that others can wait until nobody is at it
     */
    public Flusher(
            CacheContext context,
            Writeback writeback,
            DirtyLimits limits,
            Signal signal,
            long ageNanos,
            AgentWork atWork) {
        this(context, writeback, limits, signal, ageNanos, atWork, System::nanoTime);
    }

    Flusher(
            CacheContext context,
            Writeback writeback,
            DirtyLimits limits,
            Signal signal,
            long ageNanos,
            AgentWork atWork,
            LongSupplier nanoClock) {
        this.context = context;
        this.writeback = writeback;
        this.limits = limits;
        this.signal = signal;
        this.ageNanos = ageNanos;
        this.atWork = atWork;
        this.nanoClock = nanoClock;
        lastFullPassNanos = nanoClock.getAsLong();
    }

    /** Asks for work to be done soon, whatever the limits: somebody needs clean pages. */
    public void wake() {
        turnsInVain.set(0);
        limits.requestFlush();
        signal.raise();
    }

    /** Starts the writers of files that need one; answers 0: they wake it when there is more. */
    @Override
    public int doWork() {
        long now = nanoClock.getAsLong();
        boolean aged = now - lastFullPassNanos >= ageNanos / 2;
        boolean wanted = limits.flushWanted();
        if (!aged && !wanted && !waiting) {
            return 0;
        }
        if (aged) {
            lastFullPassNanos = now;
        }
        limits.flushing();
        flushes.values().removeIf(FileFlush::over); // a closed file is not to be kept
        waiting = false;
        List<FileFlush> dirty = dirtyFiles();
        turnsInVainMax = 2 * dirty.size();
        if (aged) {
            dirty.forEach(FileFlush::due);
        }
        for (FileFlush flush : dirty) {
            if ((flush.isDue() || wanted) && flush.wanted(now) && !start(flush)) {
                nextSpace = flush.spaceId();
                break;
            }
        }
        waiting = dirty.stream().anyMatch(FileFlush::isDue);
        return 0;
    }

    /** The files that have dirty pages, from the one on for which there was no writer last time. */
    private List<FileFlush> dirtyFiles() {
        List<FileFlush> dirty = new ArrayList<>();
        for (AddressSpace space : context.spaces().all()) {
            if (space.dirtyPages().get() > 0) {
                dirty.add(flushes.computeIfAbsent(space, it -> new FileFlush(writeback, it)));
            }
        }
        int next = nextSpace;
        dirty.sort(
                Comparator.comparing((FileFlush flush) -> flush.spaceId() < next)
                        .thenComparingInt(FileFlush::spaceId));
        return dirty;
    }

    /** Answers false when there is no writer for it. */
    private boolean start(FileFlush flush) {
        // The flag first: a writer that ends from here on finds it set, or gives its permit to us.
        refused = true;
        if (!writers.tryAcquire()) {
            return false; // the first that is done wakes the flusher, unless all are in vain
        }
        refused = false;
        boolean started = flush.begin();
        try {
            if (started) {
                context.threads().execute(() -> run(flush));
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
        return true;
    }

    private void run(FileFlush flush) {
        boolean progress = false;
        try {
            int pages;
            do {
                pages = atWork.turn("write-back of " + flush, () -> flush.turn(pagesWanted()));
                progress |= pages > 0;
            } while (pages > 0 && (flush.isDue() || limits.overBackground()));
        } finally {
            flush.end();
            writers.release();
            if (progress) {
                turnsInVain.set(0);
            }
            // Pages that wait for their log would else be asked about without a pause.
            if (progress || (refused && turnsInVain.incrementAndGet() <= turnsInVainMax)) {
                signal.raise();
            }
        }
    }

    private long pagesWanted() {
        return Math.max(pagesPerTurnMin(), limits.pagesOverHalfBackground());
    }

    private static int pagesPerTurnMin() {
        return PAGES_PER_TURN_MIN;
    }

    private static int writersMax() {
        return WRITERS_MAX;
    }

    @Override
    public String roleName() {
        return "quire-flusher";
    }
}
