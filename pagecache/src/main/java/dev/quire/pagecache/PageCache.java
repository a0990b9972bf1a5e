package dev.quire.pagecache;

import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoStats;
import dev.quire.aio.Engine;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.AllocatorStats;
import dev.quire.allocator.BuddyInfo;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.jmx.Registration;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.reclaim.Compaction;
import dev.quire.pagecache.reclaim.CompactionAgent;
import dev.quire.pagecache.reclaim.Reclaimer;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.CacheVerifier;
import dev.quire.pagecache.writeback.DirtyLimits;
import dev.quire.pagecache.writeback.Flusher;
import dev.quire.pagecache.writeback.Writeback;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A cache of pages of files, in off-heap memory of a fixed size, of which it may be told to use a
 * part. Thread-safe.
 *
 * <p>It runs two daemon threads: one takes frames back when few are free, one has dirty pages
 * written back, by further ones, which end when they are idle: a thread a file, as long as its
 * store takes. No other thread of the program has to call anything for the cache to make progress,
 * unless it is configured otherwise ({@link Threading}).
 */
public final class PageCache implements AutoCloseable {
    private static final long RECLAIM_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long COMPACTION_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long IDLE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long FLUSH_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long VERIFY_READS_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
    private static final long VERIFY_POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final PageCacheConfig config;
    private final AsyncIo io;
    private final PageAllocator allocator;
    private final CacheContext context;
    private final CacheAgents agents;
    private final CacheLimit limit;
    private final Compaction compaction;
    private final OpenFiles files;
    private final CacheClosing closing;
    private final CacheReports reports;
    private @Nullable Registration inJmx; // set before anybody else has it

    private PageCache(PageCacheConfig config, AsyncIo io, PageAllocator allocator) {
        this.config = config;
        this.io = io;
        this.allocator = allocator;
        context =
                new CacheContext(
                        allocator,
                        config.replacement().over(allocator),
                        config.threading().storeThreads(),
                        config.threading().readerThreads());
        context.asyncReads().engineTakes(config.io().queueDepth());
        Signal flushSignal =
                new Signal(
                        Math.clamp(
                                config.dirtyAge().toNanos() / 2, IDLE_NANOS_MIN, FLUSH_IDLE_NANOS));
        DirtyLimits limits =
                new DirtyLimits(
                        context,
                        flushSignal,
                        config.dirtyBackgroundPercent(),
                        config.dirtyHardPercent(),
                        config.stallMax().toNanos());
        Writeback writeback = new Writeback(context, limits);
        files =
                new OpenFiles(
                        io,
                        context,
                        writeback,
                        limits,
                        config.checking(),
                        config.readAheadBytes(),
                        config.snapshots());
        agents = new CacheAgents(config.threading());
        Flusher flusher =
                new Flusher(
                        context,
                        writeback,
                        limits,
                        flushSignal,
                        config.dirtyAge().toNanos(),
                        agents::turn);
        Signal reclaimSignal = new Signal(RECLAIM_IDLE_NANOS);
        Reclaimer reclaimer =
                new Reclaimer(context, flusher, limits, reclaimSignal, config.stallMax().toNanos());
        allocator.onDeferred(context.lru()::removeDeferred);
        allocator.shrinker(reclaimer);
        compaction = reclaimer.compaction();
        closing =
                new CacheClosing(
                        config.threading().closerThreads(),
                        this::closeAll,
                        files::report,
                        config.closeMax());
        agents.add(flusher, flushSignal);
        agents.add(reclaimer, reclaimSignal);
        limit = new CacheLimit(allocator, context.lru(), reclaimer, limits, context.images());
        PressureSource pressure = config.memoryPressure();
        if (pressure != null) {
            agents.add(new PressureAgent(pressure, limit), new Signal(PressureAgent.LOOK_NANOS));
        }
        if (config.compactionPages() > 0) {
            agents.add(
                    new CompactionAgent(compaction, allocator, config.compactionPages()),
                    new Signal(COMPACTION_IDLE_NANOS));
        }
        reports = new CacheReports(io, context, files);
        Path statsFile = config.statsFile();
        if (statsFile != null) {
            StatsFile text = new StatsFile(statsFile, reports, StatsAgent.INTERVAL);
            agents.add(new StatsAgent(text), new Signal(StatsAgent.INTERVAL.toNanos()));
        }
        limits.helper(agents::help);
        agents.start();
    }

    private static AllocatorConfig allocatorConfig(PageCacheConfig config) {
        return config.region()
                .apply(AllocatorConfig.builder())
                .capacityBytes(config.memoryBytes())
                .pageBytes(config.pageBytes())
                .build();
    }

    /**
     * Creates a cache, and reserves its memory.
     *
     * @param config how it is set up
     * @return a cache without a file
     * @throws IllegalArgumentException naming a value and its limit
     * @throws IllegalStateException if another cache of this JVM has its name in JMX, or as {@link
     *     PageAllocator#create} says
     */
    public static PageCache create(PageCacheConfig config) {
        AsyncIo io = AsyncIo.open(config.io());
        try {
            return create(config, io);
        } catch (RuntimeException | Error e) {
            try {
                io.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static PageCache create(PageCacheConfig config, AsyncIo io) {
        PageAllocator allocator = PageAllocator.create(allocatorConfig(config));
        PageCache cache;
        try {
            cache = new PageCache(config, io, allocator);
        } catch (RuntimeException | Error e) {
            allocator.close();
            throw e;
        }
        try {
            cache.register(config.jmxName());
        } catch (RuntimeException | Error e) {
            cache.agents.end();
            cache.context.close();
            allocator.close();
            throw e;
        }
        return cache;
    }

    private void register(@Nullable String jmxName) {
        if (jmxName != null) {
            inJmx = Registration.of("PageCache", jmxName, reports, PageCacheMXBean.class);
        }
    }

    /**
     * Opens a file. It may be open already, under this name or another one of it (a link): the
     * handles then share its pages.
     *
     * @param path which
     * @param options of {@link StandardOpenOption}, {@code APPEND} apart (see {@link
     *     PagedFile#channel}); {@code READ} is implied, and with it alone the handle is read-only;
     *     {@code com.sun.nio.file.ExtendedOpenOption.DIRECT} bypasses the kernel's cache. {@code
     *     TRUNCATE_EXISTING} cuts the file for the other handles as well, as {@link
     *     PagedFile#truncate} does. {@code DELETE_ON_CLOSE} deletes it with the last handle.
     * @return a handle of its own
     * @throws IOException if it cannot be opened
     * @throws IllegalArgumentException if an option is not supported, or if the file is open in
     *     this cache with another choice of DIRECT, SYNC or DSYNC
     * @throws dev.quire.pagecache.backing.FileFencedException if it is open and fenced: close its
     *     handles first
     * @throws IllegalStateException if the cache is closed; or if the file has to be cut, or is
     *     being closed, and the calling thread holds a latch
     */
    public PagedFile open(Path path, OpenOption... options) throws IOException {
        return open(path, PageHooks.NONE, options);
    }

    /**
     * As {@link #open(Path, OpenOption...)}, with hooks: to verify what is read, to stamp what is
     * written, to hold pages back until their log is durable.
     *
     * @param path which
     * @param hooks what is to be asked and told of its pages; all handles of a file have the same
     * @param options as without hooks
     * @return a handle of its own
     * @throws IOException if it cannot be opened
     * @throws IllegalArgumentException as without hooks; or if the file is open in this cache with
     *     other hooks
     */
    public PagedFile open(Path path, PageHooks hooks, OpenOption... options) throws IOException {
        return files.open(path, hooks, options);
    }

    /**
     * Caches the pages of any store.
     *
     * @param name what it is called in messages
     * @param ops the store; closed with the file
     * @return the file
     * @throws IOException if the store does not tell its size
     */
    public PagedFile map(String name, AddressSpaceOps ops) throws IOException {
        return files.map(name, ops);
    }

    /** How much it may use; for the tests of this package. */
    CacheLimit limit() {
        return limit;
    }

    /** What it tells about itself; for the tests of this package. */
    CacheReports reports() {
        return reports;
    }

    /** What the parts of this cache share; for the tests of this package. */
    CacheContext context() {
        return context;
    }

    /**
     * Takes frames ahead for the calling thread, before an operation over several pages that must
     * not fail half-way for want of memory. May wait for reclaim and write-back, so call it before
     * the first latch.
     *
     * @param frames how many pages may have to come in, 1 to half of what the cache may hold now
     * @return the promise; close it at the end of the operation
     * @throws dev.quire.allocator.OutOfFramesException if there are not so many; none is taken
     * @throws IllegalArgumentException if the number is out of range
     */
    public Reservation reserve(int frames) {
        files.checkOpen();
        return new Reservation(context.newFrames().reserve(frames));
    }

    /**
     * Lets the cache use less memory than it was created with, or more again. Address space and
     * side tables stay; when it may use less, pages leave in the background, the least used regions
     * of 2 MiB first, and the memory of what is free goes back to the system. What is pinned or
     * dirty stays until it can go. Old images that snapshots keep are spilled down to their part of
     * less; a snapshot whose images cannot be spilled is lost.
     *
     * @param bytes from {@link PageCacheConfig#PAGES_MIN} pages to {@link #capacityBytes}, rounded
     *     down to whole pages; dirty limits and watermarks follow
     * @throws IllegalArgumentException naming both limits; or if watermarks that were set need more
     */
    public void resize(long bytes) {
        files.checkOpen();
        limit.owners(bytes);
    }

    /**
     * Makes large free blocks of memory out of scattered free frames, by moving cached pages
     * together: each costs as few moves as it can. Pages that are pinned, latched or under
     * write-back stay, and so does whatever shares their block. Nothing is evicted, written or
     * read; other threads go on. Waits for another compaction, and for nothing else.
     *
     * <p>Allocations of the cache's own that want a large block do this by themselves.
     *
     * @param order log2 of a block's length in frames, 1..{@link PageAllocator#ORDER_MAX}
     * @param blocks how many are wanted, at least 1
     * @return how many were made, and what it took
     * @throws IllegalArgumentException if one of them is out of range
     * @throws IllegalStateException if the cache is closed
     */
    public CompactionResult compact(int order, int blocks) {
        if (order < 1 || order > PageAllocator.ORDER_MAX) {
            throw new IllegalArgumentException(
                    "order must be 1.." + PageAllocator.ORDER_MAX + ": order=" + order);
        }
        if (blocks < 1) {
            throw new IllegalArgumentException("blocks must be at least 1: blocks=" + blocks);
        }
        files.checkOpen();
        context.callbacks().checkNotInHook("compact", "pages that hooks are about");
        Compaction.Result result = compaction.run(order, blocks, Long.MAX_VALUE);
        return new CompactionResult(result.blocks(), result.pagesMoved(), result.pagesBusy());
    }

    /**
     * What the cache was created with: the most that it can be resized to.
     *
     * @return bytes of all its frames
     */
    public long capacityBytes() {
        return limit.mostBytes();
    }

    /**
     * What the cache may use now: the least of what {@link #resize} said and what the memory
     * pressure of the system leaves it.
     *
     * @return bytes
     */
    public long limitBytes() {
        return limit.bytes();
    }

    /**
     * The I/O engine in use.
     *
     * @return the one chosen; never AUTO
     */
    public Engine engine() {
        return io.engine();
    }

    /**
     * What the cache has done, and what it holds.
     *
     * @return a snapshot, see {@link PageCacheStats} for what may be stale
     */
    public PageCacheStats stats() {
        return reports.getStats();
    }

    /**
     * What is known of the frames of the cache: free, deferred and quarantined ones, watermarks,
     * misuse.
     *
     * @return a snapshot, see {@link AllocatorStats} for what may be stale
     */
    public AllocatorStats allocatorStats() {
        return reports.getAllocator();
    }

    /**
     * The free blocks of frames by order.
     *
     * @return a snapshot, stale at once where others allocate; a walk over a bit for each frame
     */
    public BuddyInfo buddyInfo() {
        return reports.buddyInfo();
    }

    /**
     * What the I/O engine of the cache has done.
     *
     * @return a snapshot, see {@link AsyncIoStats} for what may be stale
     */
    public AsyncIoStats ioStats() {
        return reports.getIo();
    }

    /**
     * What the cache has done for each file that is open.
     *
     * @return a snapshot of each, in no order, see {@link FileStats} for what may be stale
     */
    public List<FileStats> fileStats() {
        return reports.getFiles();
    }

    /**
     * Checks the invariants I1 to I7 of the side table, the slots, the lists and the counters.
     * Walks everything; exact only while no other thread uses the cache. Its own threads are made
     * to rest meanwhile, and reads that are under way are waited for, unless they hang.
     *
     * @throws AssertionError naming the invariant and what breaks it
     * @throws IllegalStateException if they do not come to rest within ten seconds, because a store
     *     hangs: the message says who is at work
     */
    public void verify() {
        agents.atRest(
                () -> {
                    awaitReads();
                    allocator.drainDeferred();
                    new CacheVerifier(context).verify();
                    allocator.verify();
                });
    }

    /** Of pages ahead of a reader, say. One that hangs stays as it is, and can be looked at so. */
    private void awaitReads() {
        long start = System.nanoTime();
        while (context.counters().fillingPages.get() > 0
                && System.nanoTime() - start < VERIFY_READS_NANOS_MAX) {
            LockSupport.parkNanos(VERIFY_POLL_NANOS);
        }
    }

    /**
     * The agents of the cache, for a program that runs them itself. Each may be run by any thread,
     * one at a time; it must not be closed by its runner before the cache is.
     *
     * @return one that writes dirty pages back, one that takes frames back
     * @throws IllegalStateException unless configured with {@link Threading#embedded}
     */
    public List<Agent> agents() {
        return agents.embedded();
    }

    /**
     * All agents of the cache together, to be invoked as often as the program can.
     *
     * @return a new invoker, not started; for one thread
     * @throws IllegalStateException unless configured with {@link Threading#embedded}
     */
    public AgentInvoker agentInvoker() {
        return agents.invoker();
    }

    /**
     * Closes every file as {@link PagedFile#close} does, then the cache. Everything written before
     * is durable afterwards, or the exception says what is not, one (the others suppressed in it)
     * for each file. Idempotent: an error is reported once.
     *
     * @throws WriteFailedException if pages could not be written: they are lost now
     * @throws dev.quire.pagecache.backing.CloseTimeoutException if it takes longer than configured,
     *     because a store hangs or a thread keeps a latch; it goes on, and closing again waits
     *     again
     * @throws IllegalStateException if the calling thread holds a latch, or runs the completion of
     *     a direct transfer; nothing is closed then
     */
    @Override
    public void close() throws IOException {
        context.checkMayWait("close", null);
        files.all().forEach(file -> file.space().directTransfers().checkNotAnswering());
        closing.close();
    }

    private void closeAll() throws IOException {
        IOException failed = files.closeAll();
        if (inJmx != null) {
            inJmx.close();
        }
        agents.end();
        try {
            io.close();
        } catch (IOException e) {
            failed = OpenFiles.first(failed, e);
        } finally {
            context.close();
            allocator.drainDeferred();
            allocator.close();
        }
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public String toString() {
        return "PageCache[memoryBytes="
                + config.memoryBytes()
                + ", pageBytes="
                + config.pageBytes()
                + ", engine="
                + engine()
                + "]";
    }
}
