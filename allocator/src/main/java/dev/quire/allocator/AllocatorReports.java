package dev.quire.allocator;

import dev.quire.allocator.cache.FrameCaches;
import dev.quire.allocator.events.LeakEvent;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.allocator.zone.BuddyZone;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/** What an allocator tells about itself: numbers, dumps, leaks, and why it has nothing left. */
final class AllocatorReports {
    private static final System.Logger LOG = System.getLogger(PageAllocator.class.getName());

    /** An {@link OutOfFramesException} names so many places of allocation, with tracking. */
    private static final int HOLDERS_SHOWN = 3;

    private final AllocatorConfig config;
    private final FrameTable frames;
    private final Region region;
    private final BuddyZone zone;
    private final @Nullable DebugModes debug;
    private final BadPages badPages;
    private final FrameRelease release;
    private final FrameCaches caches;
    private final Pressure pressure;
    private final DeferredFrames deferred;
    private final FrameSupply supply;
    private final LongAdder failures = new LongAdder();

    @SuppressWarnings("TooManyParameters") // It looks at every part, and changes none.
    AllocatorReports(
            AllocatorConfig config,
            FrameTable frames,
            Region region,
            BuddyZone zone,
            @Nullable DebugModes debug,
            BadPages badPages,
            FrameRelease release,
            FrameCaches caches,
            Pressure pressure,
            DeferredFrames deferred,
            FrameSupply supply) {
        this.config = config;
        this.frames = frames;
        this.region = region;
        this.zone = zone;
        this.debug = debug;
        this.badPages = badPages;
        this.release = release;
        this.caches = caches;
        this.pressure = pressure;
        this.deferred = deferred;
        this.supply = supply;
    }

    BuddyInfo buddyInfo() {
        int[] blocks = new int[BuddyZone.ORDER_MAX + 1];
        zone.freeBlocks(blocks);
        return new BuddyInfo(blocks);
    }

    AllocatorStats stats() {
        int capacity = frames.frameCount();
        int free = zone.freeFrames();
        int cached = caches.spareFrames();
        int waiting = deferred.count();
        int quarantined = release.quarantinedFrames();
        return new AllocatorStats(
                region.pageBytes(),
                capacity,
                free,
                cached,
                Math.max(0, capacity - free - cached - waiting - quarantined),
                waiting,
                quarantined,
                pressure.reserveFrames(),
                pressure.lowFrames(),
                pressure.highFrames(),
                pressure.withheldFrames(),
                supply.allocations(),
                release.frees() + caches.puts(),
                deferred.frees(),
                failures.sum(),
                badPages.count(),
                pressure.runs(),
                pressure.nanos(),
                pressure.failures(),
                region.memory().byteSize(),
                frames.metadataBytes()
                        + deferred.metadataBytes()
                        + zone.metadataBytes()
                        + caches.metadataBytes()
                        + (debug == null ? 0 : debug.metadataBytes()));
    }

    void dump(String title, Appendable out) throws IOException {
        out.append(title).append('\n');
        out.append("  ").append(stats().toString()).append('\n');
        out.append("  ").append(config.toString()).append('\n');
        if (debug != null) {
            out.append("  debug modes: ").append(debug.toString()).append('\n');
        }
        AllocatorDump.appendFree(buddyInfo(), out);
        new AllocatorDump(frames, debug).appendBlocks(out);
    }

    void verify() {
        new AllocatorWalk(frames, zone, debug)
                .verify(caches.spareHeads(), deferred.count(), release.quarantinedFrames());
    }

    /** At the end: what was written after it was freed, and what is still allocated. */
    void damageAndLeaks() {
        AllocatorWalk walk = new AllocatorWalk(frames, zone, debug);
        walk.reportDamage(badPages);
        LeakReport leaks = walk.leaks();
        if (leaks.blocks() > 0) {
            report(leaks);
        }
    }

    // The handler is the user's code: whatever it throws, close goes on.
    @SuppressWarnings("CatchThrowable")
    private void report(LeakReport leaks) {
        LOG.log(System.Logger.Level.WARNING, "leak at close: {0}", leaks);
        try {
            tell(leaks);
            config.onLeak().accept(leaks);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "the leak handler threw", e);
        }
    }

    private static void tell(LeakReport leaks) {
        LeakEvent event = new LeakEvent();
        if (event.shouldCommit()) {
            event.blocks = leaks.blocks();
            event.frames = leaks.frames();
            event.report = leaks.toString();
            event.commit();
        }
    }

    /** Counts an allocation that found nothing after all that was tried for it. */
    void allocationFailed() {
        failures.increment();
    }

    OutOfFramesException outOfFrames(int order, DirectReclaim.Outcome outcome) {
        return new OutOfFramesException(
                order,
                buddyInfo().largestFreeOrder(),
                outcome.reclaimed(),
                stats(),
                new AllocatorWalk(frames, zone, debug).holders(HOLDERS_SHOWN),
                pressure.holders(),
                outcome.failure());
    }
}
