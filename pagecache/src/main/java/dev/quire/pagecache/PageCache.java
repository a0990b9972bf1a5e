package dev.quire.pagecache;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.Engine;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.CacheCounters;
import dev.quire.pagecache.core.PausableAgent;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.lru.TwoListLru;
import dev.quire.pagecache.reclaim.Reclaimer;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.CacheVerifier;
import dev.quire.pagecache.space.FileOps;
import dev.quire.pagecache.writeback.DirtyLimits;
import dev.quire.pagecache.writeback.Flusher;
import dev.quire.pagecache.writeback.Writeback;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A cache of pages of files, in off-heap memory of a fixed size. Thread-safe.
 *
 * <p>It runs two daemon threads: one takes frames back when few are free, one writes dirty pages
 * back. No other thread of the program has to call anything for the cache to make progress.
 */
public final class PageCache implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PageCache.class.getName());
    private static final long RECLAIM_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long IDLE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long FLUSH_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int AGENT_CLOSE_MILLIS = 10_000;

    private final PageCacheConfig config;
    private final AsyncIo io;
    private final PageAllocator allocator;
    private final CacheContext context;
    private final Writeback writeback;
    private final DirtyLimits limits;
    private final Signal flushSignal;
    private final Signal reclaimSignal;
    private final AgentRunner flusherRunner;
    private final AgentRunner reclaimerRunner;
    // Held by the agents for each turn: verify() needs them at rest.
    private final ReadWriteLock atWork = new ReentrantReadWriteLock();
    private final Set<PagedFile> files = ConcurrentHashMap.newKeySet();
    private final Set<Path> openPaths = ConcurrentHashMap.newKeySet();
    private final ReentrantLock closing = new ReentrantLock();
    private final AtomicLong checkSeeds = new AtomicLong();
    private volatile boolean closed;

    private PageCache(PageCacheConfig config, AsyncIo io) {
        this.config = config;
        this.io = io;
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes(config.memoryBytes())
                                .pageBytes(config.pageBytes())
                                .build());
        context = new CacheContext(allocator, new TwoListLru(allocator.frames()));
        flushSignal =
                new Signal(
                        Math.clamp(
                                config.dirtyAge().toNanos() / 2, IDLE_NANOS_MIN, FLUSH_IDLE_NANOS));
        long pages = allocator.frameCount();
        limits =
                new DirtyLimits(
                        context,
                        flushSignal,
                        Math.max(1, pages * config.dirtyBackgroundPercent() / 100),
                        Math.max(2, pages * config.dirtyHardPercent() / 100),
                        config.stallMax().toNanos());
        writeback = new Writeback(context, limits);
        Flusher flusher =
                new Flusher(
                        context,
                        writeback,
                        limits,
                        flushSignal,
                        config.dirtyAge().toNanos(),
                        atWork.readLock());
        reclaimSignal = new Signal(RECLAIM_IDLE_NANOS);
        Reclaimer reclaimer =
                new Reclaimer(context, flusher, limits, reclaimSignal, config.stallMax().toNanos());
        allocator.onDeferred(context.lru()::removeDeferred);
        allocator.shrinker(reclaimer);
        flusherRunner = start(flusher, flushSignal);
        reclaimerRunner = start(reclaimer, reclaimSignal);
    }

    private AgentRunner start(Agent agent, Signal idle) {
        AgentRunner runner =
                new AgentRunner(
                        idle,
                        e -> LOG.log(Level.ERROR, agent.roleName() + " failed, and goes on", e),
                        null,
                        new PausableAgent(agent, atWork.readLock()));
        AgentRunner.startOnThread(
                runner,
                task -> {
                    Thread thread = new Thread(task, agent.roleName());
                    thread.setDaemon(true);
                    return thread;
                });
        return runner;
    }

    /**
     * Creates a cache, and reserves its memory.
     *
     * @param config how it is set up
     * @return a cache without a file
     * @throws IllegalArgumentException naming a value and its limit
     */
    public static PageCache create(PageCacheConfig config) {
        AsyncIo io = AsyncIo.open(config.io());
        try {
            return new PageCache(config, io);
        } catch (RuntimeException | Error e) {
            try {
                io.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /**
     * Opens a file.
     *
     * @param path which
     * @param options of {@link StandardOpenOption}; {@code READ} is implied, and with it alone the
     *     file is read-only; {@code com.sun.nio.file.ExtendedOpenOption.DIRECT} bypasses the
     *     kernel's cache
     * @return the file
     * @throws IOException if it cannot be opened
     * @throws IllegalStateException if this cache has it open already: share the {@link PagedFile}
     */
    public PagedFile open(Path path, OpenOption... options) throws IOException {
        return open(path, PageHooks.NONE, options);
    }

    /**
     * As {@link #open(Path, OpenOption...)}, with hooks: to verify what is read, to stamp what is
     * written, to hold pages back until their log is durable.
     *
     * @param path which
     * @param hooks what is to be asked and told of its pages
     * @param options as without hooks
     * @return the file
     * @throws IOException if it cannot be opened
     * @throws IllegalStateException if this cache has it open already: share the {@link PagedFile}
     */
    public PagedFile open(Path path, PageHooks hooks, OpenOption... options) throws IOException {
        checkOpen();
        Set<OpenOption> wanted = new HashSet<>(List.of(options));
        wanted.add(StandardOpenOption.READ); // a page that is written in part is read first
        Path key = keyOf(path);
        // Before the file is opened: that may truncate it.
        if (!openPaths.add(key)) {
            throw openAlready(path);
        }
        try {
            return open(path, key, hooks, wanted);
        } catch (IOException | RuntimeException e) {
            openPaths.remove(key);
            throw e;
        }
    }

    private PagedFile open(Path path, Path key, PageHooks hooks, Set<OpenOption> options)
            throws IOException {
        AsyncFile file = io.open(path, options.toArray(OpenOption[]::new));
        try {
            boolean readOnly = !options.contains(StandardOpenOption.WRITE);
            FileOps ops = new FileOps(file, config.pageBytes(), hooks);
            return add(path.toString(), ops, readOnly, file.direct(), key);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The same for every way to name a file, hard links aside; the file need not be there yet. */
    private static Path keyOf(Path path) throws IOException {
        if (Files.exists(path)) {
            return path.toRealPath();
        }
        Path absolute = path.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        Path name = absolute.getFileName();
        return folder != null && name != null && Files.isDirectory(folder)
                ? folder.toRealPath().resolve(name)
                : absolute;
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
        checkOpen();
        return add(name, ops, false, false, null);
    }

    private PagedFile add(
            String name, AddressSpaceOps ops, boolean readOnly, boolean direct, @Nullable Path key)
            throws IOException {
        AddressSpace space = AddressSpace.open(context, name, ops, readOnly);
        PagedFile file = new PagedFile(this, space, context, limits, writeback, direct, key);
        files.add(file);
        if (closed) { // meanwhile: close may have passed by
            file.close();
            checkOpen();
        }
        return file;
    }

    private static IllegalStateException openAlready(Path path) {
        return new IllegalStateException(
                "file is open in this cache already: share its PagedFile: path=" + path);
    }

    /** What watches a new cursor; null when nobody does. */
    @Nullable CursorCheck newCheck() {
        return config.checking() ? new CursorCheck(checkSeeds.getAndIncrement()) : null;
    }

    /** What the parts of this cache share; for the tests of this package. */
    CacheContext context() {
        return context;
    }

    void forget(PagedFile file) {
        files.remove(file);
        Path key = file.key();
        if (key != null) {
            openPaths.remove(key);
        }
    }

    /**
     * Takes frames ahead for the calling thread, before an operation over several pages that must
     * not fail half-way for want of memory. May wait for reclaim and write-back, so call it before
     * the first latch.
     *
     * @param frames how many pages may have to come in, 1 to half of what the cache holds
     * @return the promise; close it at the end of the operation
     * @throws dev.quire.allocator.OutOfFramesException if there are not so many; none is taken
     * @throws IllegalArgumentException if the number is out of range
     */
    public Reservation reserve(int frames) {
        checkOpen();
        return new Reservation(context.newFrames().reserve(frames));
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
        CacheCounters c = context.counters();
        long accesses = c.accesses.sum();
        long translationBytes = 0;
        for (PagedFile file : files) {
            accesses += file.liveAccesses();
            translationBytes += file.space().translation().metadataBytes();
        }
        return new PageCacheStats(
                accesses,
                c.faults.sum(),
                c.pagesRead.sum(),
                c.bytesRead.sum(),
                c.pagesWritten.sum(),
                c.bytesWritten.sum(),
                c.readErrors.sum(),
                c.writeErrors.sum(),
                c.evictions.sum(),
                c.refaults.sum(),
                c.framesScanned.sum(),
                c.backgroundReclaims.sum(),
                c.directReclaims.sum(),
                c.stalls.sum(),
                c.stallNanos.sum(),
                c.starvedReads.sum(),
                c.callbackErrors.get(),
                c.dirtyPages.get(),
                c.writebackPages.get(),
                c.cachedPages.get(),
                allocator.freeFrames(),
                allocator.frameCount(),
                (long) allocator.frameCount() * allocator.pageBytes(),
                allocator.stats().metadataBytes()
                        + translationBytes
                        + context.lsns().metadataBytes());
    }

    /**
     * Checks the invariants I1 to I7 of the side table, the slots, the lists and the counters.
     * Walks everything; exact only while no other thread uses the cache. Its own two threads are
     * made to rest meanwhile.
     *
     * @throws AssertionError naming the invariant and what breaks it
     */
    public void verify() {
        atWork.writeLock().lock();
        try {
            allocator.drainDeferred();
            new CacheVerifier(context).verify();
            allocator.verify();
        } finally {
            atWork.writeLock().unlock();
        }
    }

    /**
     * Closes every file as {@link PagedFile#close} does, then the cache. Everything written before
     * is durable afterwards, or the exception says what is not. Idempotent.
     *
     * @throws WriteFailedException if pages could not be written: they are lost now
     * @throws IllegalStateException if the calling thread holds a latch; nothing is closed then
     */
    @Override
    public void close() throws IOException {
        context.checkMayWait("close", null);
        closing.lock();
        try {
            if (!closed) {
                closed = true;
                closeAll();
            }
        } finally {
            closing.unlock();
        }
    }

    private void closeAll() throws IOException {
        IOException failed = closeFiles();
        reclaimSignal.end();
        reclaimerRunner.close(AGENT_CLOSE_MILLIS, thread -> warnStuck(thread.getName()));
        flushSignal.end();
        flusherRunner.close(AGENT_CLOSE_MILLIS, thread -> warnStuck(thread.getName()));
        try {
            io.close();
        } catch (IOException e) {
            failed = first(failed, e);
        }
        context.close();
        allocator.drainDeferred();
        allocator.close();
        if (failed != null) {
            throw failed;
        }
    }

    private static IOException first(@Nullable IOException failed, IOException next) {
        if (failed == null) {
            return next;
        }
        failed.addSuppressed(next);
        return failed;
    }

    private @Nullable IOException closeFiles() {
        IOException failed = null;
        for (PagedFile file : files) {
            IOException error = closeFile(file);
            failed = error == null ? failed : first(failed, error);
        }
        return failed;
    }

    private static @Nullable IOException closeFile(PagedFile file) {
        try {
            file.close();
            return null;
        } catch (IOException | RuntimeException first) {
            if (file.closedForGood()) {
                return asIoException(file, first);
            }
            try {
                file.close(); // the first try may have reported an error that is over
                return null;
            } catch (IOException | RuntimeException second) {
                return file.closedForGood() ? asIoException(file, second) : giveUp(file, second);
            }
        }
    }

    private static IOException asIoException(PagedFile file, Exception e) {
        return e instanceof IOException io
                ? io
                : new WriteFailedException(file.name(), "store not closed", e);
    }

    private static IOException giveUp(PagedFile file, Exception cause) {
        try {
            return file.discard(cause);
        } catch (IOException e) {
            e.addSuppressed(cause);
            return e;
        }
    }

    private static void warnStuck(String thread) {
        LOG.log(Level.WARNING, "thread does not end, and is left behind: {0}", thread);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("page cache is closed");
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
