package dev.quire.bench.replay;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.run.Parallel;
import dev.quire.bench.trace.Trace;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCacheStats;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.Threading;

import org.agrona.concurrent.AgentInvoker;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Replays a trace through the page cache. Several threads interleave it: each takes the next access
 * as soon as it is done with its last one, so that the cache sees the trace's order but for as many
 * accesses as there are threads.
 */
final class CacheReplay {
    private static final int PAGE_BYTES = 4096;

    private final Trace trace;
    private final CachePolicy policy;
    private final int frames;
    private final int threads;

    CacheReplay(Trace trace, CachePolicy policy, int frames, int threads) {
        this.trace = trace;
        this.policy = policy;
        this.frames = frames;
        this.threads = threads;
    }

    /** Replays it through a new cache, which is checked afterwards. */
    ReplayResult run() throws IOException {
        InstantBacking backing = new InstantBacking((long) trace.pageCount() * PAGE_BYTES);
        try (PageCache cache = create();
                PagedFile file = cache.map(trace.name(), backing)) {
            AtomicInteger next = new AtomicInteger();
            long start = System.nanoTime();
            Parallel.run(threads, _ -> replay(cache, file, backing, next));
            double seconds = (System.nanoTime() - start) / 1e9;
            PageCacheStats stats = cache.stats();
            requireAll(stats, backing.reads());
            cache.verify();
            return new ReplayResult(
                    trace, policy.toString(), false, frames, threads, stats.hits(), seconds);
        }
    }

    private PageCache create() {
        try {
            return PageCache.create(config());
        } catch (IllegalStateException e) { // too little heap or address space
            throw new InputException(
                    "the cache cannot be made (" + Failures.describe(e) + "): --frames=" + frames,
                    e);
        }
    }

    private PageCacheConfig config() {
        return PageCacheConfig.builder()
                .replacement(policy.replacement())
                .memoryBytes((long) frames * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .readAheadBytes(0) // new pages are numbered in order, which says nothing
                .threading(Threading.embedded())
                .io(AsyncIoConfig.builder().engine(Engine.CHANNEL).build()) // unused
                .build();
    }

    private void replay(
            PageCache cache, PagedFile file, InstantBacking backing, AtomicInteger next) {
        AgentInvoker agents = cache.agentInvoker();
        agents.start();
        int readsSeen = 0;
        try (PageCursor cursor = file.cursor()) {
            for (int at = next.getAndIncrement();
                    at < trace.accesses();
                    at = next.getAndIncrement()) {
                cursor.read(trace.page(at));
                int reads = backing.reads();
                if (reads != readsSeen) {
                    readsSeen = reads;
                    agents.invoke();
                }
            }
        } finally {
            agents.close();
        }
    }

    /** Every fault is a miss of the trace's only if nothing is read ahead, or twice. */
    private void requireAll(PageCacheStats stats, int reads) {
        if (stats.accesses() != trace.accesses()
                || stats.faults() != reads
                || stats.totalFrames() != frames) {
            throw new IllegalStateException(
                    "the cache must have had "
                            + frames
                            + " frames, "
                            + trace.accesses()
                            + " accesses and "
                            + reads
                            + " faults: stats="
                            + stats);
        }
    }
}
