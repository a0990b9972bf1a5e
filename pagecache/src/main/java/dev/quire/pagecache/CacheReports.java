package dev.quire.pagecache;

import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoStats;
import dev.quire.allocator.AllocatorStats;
import dev.quire.allocator.BuddyInfo;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.core.CacheCounters;
import dev.quire.pagecache.events.StallKind;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What a cache tells about itself, put together from its parts when it is asked for. */
final class CacheReports implements PageCacheMXBean {
    private final AsyncIo io;
    private final CacheContext context;
    private final PageAllocator allocator;
    private final OpenFiles files;
    private final AtomicLong accessesTold = new AtomicLong();

    CacheReports(AsyncIo io, CacheContext context, OpenFiles files) {
        this.io = io;
        this.context = context;
        this.files = files;
        allocator = context.allocator();
    }

    @Override
    public PageCacheStats getStats() {
        CacheCounters c = context.counters();
        AllocatorStats memory = allocator.stats();
        long accesses = c.accesses.sum(); // before those of open cursors, see SharedFile.stats
        Sums sums = new Sums();
        files.all().forEach(sums::add);
        return new PageCacheStats(
                accessesTold.accumulateAndGet(accesses + sums.liveAccesses, Math::max),
                c.faults.sum(),
                c.pagesRead.sum(),
                c.bytesRead.sum(),
                c.prefetchedPages.sum(),
                c.prefetchesWasted.sum(),
                c.pagesWritten.sum(),
                c.bytesWritten.sum(),
                c.syncs.sum(),
                c.syncNanos.sum(),
                c.directReads.sum(),
                c.directWrites.sum(),
                c.directFallbacks.sum(),
                c.stalePages.sum(),
                c.readErrors.sum(),
                c.writeErrors.sum(),
                c.evictions.sum(),
                c.refaults.sum(),
                c.relocations.sum(),
                c.framesScanned.sum(),
                c.backgroundReclaims.sum(),
                c.directReclaims.sum(),
                c.stalls.count(StallKind.FRAME),
                c.stalls.nanos(StallKind.FRAME),
                c.stalls.count(StallKind.WRITE_THROTTLE),
                c.stalls.nanos(StallKind.WRITE_THROTTLE),
                c.stalls.count(StallKind.PAGE),
                c.stalls.nanos(StallKind.PAGE),
                c.starvedReads.sum(),
                c.callbackErrors.get(),
                c.snapshotsTaken.sum(),
                c.snapshotsLost.sum(),
                c.imagesKept.sum(),
                c.imagesSpilled.sum(),
                sums.files,
                sums.fenced,
                sums.snapshots,
                context.images().framesUsed(),
                c.dirtyPages.get(),
                c.writebackPages.get(),
                c.fillingPages.get(),
                c.cachedPages.get(),
                allocator.freeFrames(),
                allocator.frameCount(),
                allocator.limitFrames(),
                c.trimmedBytes.sum(),
                (long) allocator.frameCount() * allocator.pageBytes(),
                memory.metadataBytes()
                        + sums.translationBytes
                        + context.privateData().metadataBytes()
                        + context.lru().metadataBytes()
                        + context.lsns().metadataBytes());
    }

    /** What the files that are open come to. */
    private static final class Sums {
        private int files;
        private int fenced;
        private int snapshots;
        private long liveAccesses;
        private long translationBytes;

        void add(SharedFile file) {
            AddressSpace space = file.space();
            files++;
            fenced += space.fenced() ? 1 : 0;
            snapshots += space.snapshots().open();
            liveAccesses += file.liveAccesses();
            translationBytes += space.translation().metadataBytes();
        }
    }

    @Override
    public AllocatorStats getAllocator() {
        return allocator.stats();
    }

    @Override
    public AsyncIoStats getIo() {
        return io.stats();
    }

    BuddyInfo buddyInfo() {
        return allocator.buddyInfo();
    }

    @Override
    public int[] getFreeBlocks() {
        return buddyInfo().freeBlocks();
    }

    @Override
    public List<FileStats> getFiles() {
        List<FileStats> stats = new ArrayList<>();
        files.all().forEach(file -> stats.add(file.stats()));
        return List.copyOf(stats);
    }

    @Override
    public String getEngine() {
        return io.engine().name();
    }

    @Override
    public int getPageBytes() {
        return context.pageBytes();
    }

    @Override
    public String dump() {
        return allocator.dump();
    }
}
