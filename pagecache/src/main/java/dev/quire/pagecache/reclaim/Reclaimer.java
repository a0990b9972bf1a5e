package dev.quire.pagecache.reclaim;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.Shrinker;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.core.Stalls;
import dev.quire.pagecache.events.ReclaimEvent;
import dev.quire.pagecache.events.StallKind;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.FrameHolders;
import dev.quire.pagecache.writeback.DirtyLimits;
import dev.quire.pagecache.writeback.Flusher;

import org.agrona.concurrent.Agent;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps frames free: an agent that is woken at the allocator's low watermark and works up to the
 * high one, and what a thread does for itself when it finds no frame all the same.
 *
 * <p>Source: Linux {@code kswapd} and direct reclaim.
 */
public final class Reclaimer implements Agent, Shrinker {
    /** Nobody tells when a pin is released, or a read ends. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** Nobody tells either when pages can go that had to stay when the cache was made smaller. */
    private static final long SHRINK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** As Linux's {@code MAX_RECLAIM_RETRIES}. */
    static final int FRUITLESS_RUNS_MAX = 16;

    private final CacheContext context;
    private final Flusher flusher;
    private final DirtyLimits limits;
    private final Signal signal;
    private final long roundNanosMax;
    private final ReclaimScan background;
    private final Compaction compaction;
    private final ReclaimPace pace;
    // Above 0 while more frames are used than may be: runs until they become rare, and 1.
    private final AtomicInteger shrinkRuns = new AtomicInteger();
    private long shrunkNanos;

    /**
     * Runs in a row that freed nothing. At the limit the background gives up, since every page is
     * pinned or dirty, and those who need frames look for themselves: one that finds some, or a
     * write-back, revives it.
     */
    private volatile int fruitlessRuns;

    private long writtenBefore;

    /**
     * The reclaimer of one cache.
     *
     * @param context the cache
     * @param flusher asked for clean pages
     * @param limits says when some were written
     * @param signal how the agent idles, and is woken
     * @param stallNanosMax about how long a thread waits at most for write-back to give it a frame
     */
    public Reclaimer(
            CacheContext context,
            Flusher flusher,
            DirtyLimits limits,
            Signal signal,
            long stallNanosMax) {
        this.context = context;
        this.flusher = flusher;
        this.limits = limits;
        this.signal = signal;
        // The allocator comes back so many times before it gives up.
        this.roundNanosMax = stallNanosMax / PageAllocator.RECLAIM_ROUNDS_MAX;
        this.background = new ReclaimScan(context);
        compaction = new Compaction(context);
        pace = new ReclaimPace(System.nanoTime());
    }

    // ---- in the background

    @Override
    public int doWork() {
        long now = System.nanoTime();
        PageAllocator allocator = context.allocator();
        int ahead = pace.ahead(allocator.allocations(), allocator.limitFrames(), now);
        allocator.reclaimAhead(ahead);
        int runs = shrinkRuns.get();
        if (runs > 1 || (runs == 1 && now - shrunkNanos >= SHRINK_AGAIN_NANOS)) {
            shrunkNanos = now;
            int freed = shrinkNow();
            // Or asked again meanwhile.
            shrinkRuns.compareAndSet(runs, isSmall() ? 0 : Math.max(1, runs - 1));
            return freed;
        }
        if (!context.allocator().belowLow()) {
            fruitlessRuns = 0;
            return 0;
        }
        reviveIfWritten();
        if (fruitlessRuns >= FRUITLESS_RUNS_MAX) {
            return 0;
        }
        context.counters().backgroundReclaims.increment();
        ReclaimEvent event = new ReclaimEvent();
        event.begin();
        int freed = context.allocator().callIn(AllocContext.RESERVE, this::reclaimToHigh);
        tell(event, false, freed, background, ahead);
        fruitlessRuns = freed > 0 || background.heldUp() ? 0 : fruitlessRuns + 1;
        return freed;
    }

    /** Fewer frames may be used: frees whole regions, and gives their memory back. */
    public void shrink() {
        shrinkRuns.addAndGet(FRUITLESS_RUNS_MAX);
        fruitlessRuns = 0;
        signal.raise();
    }

    private boolean isSmall() {
        PageAllocator allocator = context.allocator();
        return !allocator.belowLow() || allocator.limitFrames() == allocator.frameCount();
    }

    private int shrinkNow() {
        PageAllocator allocator = context.allocator();
        int unused = allocator.frameCount() - allocator.limitFrames();
        int freed =
                allocator.callIn(
                        AllocContext.RESERVE,
                        () -> {
                            int evicted = new BlockSweep(context).run(unused);
                            return allocator.belowHigh() ? evicted + reclaimToHigh() : evicted;
                        });
        context.counters().trimmedBytes.add(allocator.trim().bytes());
        return freed;
    }

    private static void tell(
            ReclaimEvent event, boolean direct, int freed, ReclaimScan scan, int ahead) {
        if (event.shouldCommit()) {
            event.direct = direct;
            event.framesFreed = freed;
            event.dirtyPagesSeen = scan.dirtySeen();
            event.framesAhead = ahead;
            event.commit();
        }
    }

    /** Pages were cleaned: there may be something to take again. */
    private void reviveIfWritten() {
        long written = context.counters().pagesWritten.sum();
        if (written != writtenBefore) {
            writtenBefore = written;
            fruitlessRuns = 0;
        }
    }

    private int reclaimToHigh() {
        // What frame caches hold, before pages have to go for it.
        int freed = context.allocator().drainCaches();
        int step;
        do {
            step = background.run(background.batchFrames());
            freed += step;
        } while (step > 0 && context.allocator().belowHigh());
        if (context.allocator().belowHigh() && background.dirtySeen() > 0) {
            flusher.wake();
        }
        return freed;
    }

    @Override
    public String roleName() {
        return "quire-reclaimer";
    }

    // ---- as the allocator's shrinker

    @Override
    public void wake() {
        signal.raise();
    }

    @Override
    public int reclaim(int wanted, AllocContext allocContext) {
        context.counters().directReclaims.increment();
        ReclaimEvent event = new ReclaimEvent();
        event.begin();
        Stalls.Stall stall = context.counters().stalls.begin(StallKind.FRAME);
        long start = System.nanoTime();
        long flushes = limits.flushes();
        ReclaimScan scan = new ReclaimScan(context);
        int freed = scan.run(scan.worth(wanted));
        freed += freed == 0 ? scan.runUnlinked() : 0;
        boolean stalled = false;
        while (freed == 0
                && allocContext.mayDoIo()
                && !scan.heldUp() // who asks takes a page that is clean where it is
                && waitingMayHelp()
                && System.nanoTime() - start < roundNanosMax) {
            stalled = true;
            limits.awaitFlush(flushes, LOOK_AGAIN_NANOS);
            flushes = limits.flushes();
            freed = scan.run(scan.worth(wanted));
        }
        if (freed > 0) {
            fruitlessRuns = 0;
        } else if (scan.heldUp() || (!allocContext.mayDoIo() && scan.dirtySeen() > 0)) {
            flusher.wake(); // nobody waits, but somebody will come again
        }
        if (stalled) {
            stall.end("");
        }
        tell(event, true, freed, scan, 0);
        return freed;
    }

    @Override
    public int compact(int order, AllocContext allocContext) {
        return compaction.run(order, 1, Long.MAX_VALUE).blocks();
    }

    /**
     * How large blocks are made.
     *
     * @return the compaction
     */
    public Compaction compaction() {
        return compaction;
    }

    @Override
    public String holders() {
        return FrameHolders.describe(context);
    }

    /** Whether others are at work on pages that can be taken afterwards. */
    private boolean waitingMayHelp() {
        // Off the lists: looked at by another reclaimer.
        return context.counters().fillingPages.get() > 0
                || context.lru().size() < context.counters().cachedPages.get()
                || context.counters().writebackPages.get() > 0
                || context.counters().dirtyPages.get() > failingPages();
    }

    private long failingPages() {
        long pages = 0;
        for (var space : context.spaces().all()) {
            if (space.stuck()) {
                pages += space.dirtyPages().get();
            }
        }
        return pages;
    }
}
