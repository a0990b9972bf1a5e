package dev.quire.pagecache.warm;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.WarmPages;
import dev.quire.pagecache.warm.WarmUp.Outcome;

import java.lang.System.Logger.Level;
import java.util.concurrent.Phaser;

/**
 * Brings the pages of a dump in: the hottest that fit, in the order in which they lie in the file,
 * neighbours together, a bounded number of reads at a time; then puts them in their places on the
 * lists. It ends when frames become short, so that it never takes one from anybody.
 */
final class WarmLoad implements Runnable {
    private static final System.Logger LOG = System.getLogger(WarmLoad.class.getName());

    /** Bytes in one read; the device's rate needs no more. */
    private static final int READ_BYTES_MAX = 1 << 19;

    /** Which part of the frames that may be used is left for others at least. */
    private static final int SPARE_PART = 32;

    private final CacheContext context;
    private final AddressSpace space;
    private final WarmPages cached;
    private final WarmRestart.Source source;
    private final ReadDepth depth;
    private final int runPagesMax;
    private final WarmUp warmUp = new WarmUp();
    private final Phaser underWay = new Phaser(1);

    WarmLoad(CacheContext context, AddressSpace space, WarmRestart.Source source, ReadDepth depth) {
        this.context = context;
        this.space = space;
        this.source = source;
        this.depth = depth;
        cached = new WarmPages(context, space);
        runPagesMax = Math.max(1, READ_BYTES_MAX / context.pageBytes());
    }

    WarmUp warmUp() {
        return warmUp;
    }

    @Override
    @SuppressWarnings("CatchThrowable") // A hint that fails is told of, and harms nobody.
    public void run() {
        try {
            HotPages pages = source.read();
            warmUp.dumped(pages.count());
            Outcome outcome = load(pages);
            warmUp.end(outcome, "");
        } catch (RefusedDumpException e) {
            ignored(e.outcome(), e.why());
        } catch (Throwable e) {
            ignored(Outcome.STOPPED, e.toString());
        }
    }

    private void ignored(Outcome outcome, String why) {
        String line = "no warm restart: file=" + space.name() + ", " + source + ": " + why;
        if (outcome != Outcome.NO_DUMP) { // the first start of all
            LOG.log(Level.WARNING, line);
        }
        warmUp.end(outcome, line);
    }

    private Outcome load(HotPages pages) {
        int wanted = Math.min(pages.count(), room(context.allocator()));
        Outcome outcome;
        try {
            outcome = read(pages.sorted(wanted));
        } finally {
            underWay.awaitAdvance(underWay.arrive());
        }
        place(pages, wanted);
        return outcome;
    }

    /** Frames that are free, may be used, and are not spared. */
    private static int room(PageAllocator allocator) {
        int usable = allocator.limitFrames();
        int withheld = allocator.frameCount() - usable;
        return Math.max(0, allocator.freeFrames() - withheld - usable / SPARE_PART);
    }

    private Outcome read(long[] sorted) {
        int at = 0;
        while (at < sorted.length) {
            if (warmUp.stopping() || space.closed() || space.fenced()) {
                return Outcome.STOPPED;
            }
            int count = neighbours(sorted, at);
            int done = context.allocator().belowHigh() ? 0 : readRun(sorted[at], count);
            if (done == 0) {
                return Outcome.SHORT_OF_FRAMES;
            }
            at += done;
        }
        return Outcome.LOADED;
    }

    /** How many of the pages follow each other, from an index on. */
    private int neighbours(long[] sorted, int from) {
        int end = from + 1;
        while (end < sorted.length
                && end - from < runPagesMax
                && sorted[end] == sorted[end - 1] + 1) {
            end++;
        }
        return end - from;
    }

    private int readRun(long firstPage, int count) {
        depth.enter(count);
        underWay.register();
        return cached.read(
                firstPage,
                count,
                failure -> { // counted by the cache; whoever reads the page gets it
                    depth.exit(count);
                    underWay.arriveAndDeregister();
                });
    }

    /** The last to go is placed last, so that it is the newest. */
    private void place(HotPages pages, int count) {
        long placed = 0;
        for (int i = count - 1; i >= 0 && !warmUp.stopping() && !space.closed(); i--) {
            placed += cached.place(pages.page(i), pages.main(i)) ? 1 : 0;
        }
        warmUp.loaded(placed);
    }
}
