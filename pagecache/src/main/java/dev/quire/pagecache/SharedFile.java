package dev.quire.pagecache;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.core.FileCounters;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.FileOps;
import dev.quire.pagecache.warm.WarmRestart;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that is open, with all the handles on it: they share its pages, its size and its store,
 * which is closed with the last of them.
 */
final class SharedFile {
    private final OpenFiles files;
    private final CacheContext context;
    private final AddressSpace space;
    private final @Nullable FileOps store;
    private final @Nullable Object key;
    private final Set<String> kind;
    private final PageHooks hooks;
    private final boolean direct;
    private final WarmRestart warm;
    private final Set<PagedFile> handles = ConcurrentHashMap.newKeySet();
    private final AtomicLong accessesTold = new AtomicLong();

    // Held while a handle comes or goes: all the time that the last one takes to close.
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Path deleteAtEnd;
    private boolean ended;

    /** A store that is no file. */
    SharedFile(OpenFiles files, AddressSpace space) {
        this(files, space, null, null, Set.of(), PageHooks.NONE, false);
    }

    SharedFile(
            OpenFiles files,
            AddressSpace space,
            @Nullable FileOps store,
            @Nullable Object key,
            Set<String> kind,
            PageHooks hooks,
            boolean direct) {
        this.files = files;
        this.context = files.context();
        this.space = space;
        this.store = store;
        this.key = key;
        this.kind = kind;
        this.hooks = hooks;
        this.direct = direct;
        Path path = store == null ? null : Path.of(space.name());
        warm = new WarmRestart(context, space, path, files.warm());
    }

    // ---- handles come

    /** The first handle. */
    PagedFile first(
            boolean readOnly, boolean deleteOnClose, @Nullable Path path, Set<CursorHint> hints) {
        lock.lock();
        try {
            deleteAtEnd = deleteOnClose ? path : null;
            return add(readOnly, path, hints);
        } finally {
            lock.unlock();
        }
    }

    /**
     * One more handle.
     *
     * @return null if the file has been closed meanwhile
     */
    @Nullable PagedFile join(Path path, FileOptions options, PageHooks hooks, AsyncIo io)
            throws IOException {
        if (!lock.tryLock()) {
            context.checkMayWait("to open a file that is being closed", space);
            space.directTransfers().checkNotAnswering();
            lock.lock();
        }
        try {
            if (ended) {
                return null;
            }
            check(path, options, hooks);
            if (options.write() && space.readOnly()) {
                makeWritable(path, io.open(path, options.reopen()));
            }
            if (options.truncate()) {
                cut(0);
            }
            if (options.deleteOnClose()) {
                deleteAtEnd = path;
            }
            return add(!options.write(), path, options.hints());
        } finally {
            lock.unlock();
        }
    }

    private void check(Path path, FileOptions options, PageHooks hooks) throws IOException {
        if (options.createNew()) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (!hooks.equals(this.hooks)) {
            throw new IllegalArgumentException(
                    "file is open in this cache with other hooks: file=" + path);
        }
        if (!options.kind().equals(kind)) {
            throw new IllegalArgumentException(
                    "file is open in this cache with other options: open="
                            + kind
                            + ", asked="
                            + options.kind()
                            + ", file="
                            + path);
        }
        space.checkFence();
    }

    private void makeWritable(Path path, AsyncFile writable) throws IOException {
        if (store == null) {
            throw new IllegalStateException("not a file: " + space.name());
        }
        try {
            if (!Objects.equals(key, OpenFiles.keyOf(path))) {
                throw new IOException("file was replaced while it was opened: file=" + path);
            }
        } catch (IOException | RuntimeException | Error e) {
            writable.close();
            throw e;
        }
        store.reopened(writable);
        space.allowWrites();
    }

    private PagedFile add(boolean readOnly, @Nullable Path path, Set<CursorHint> hints) {
        PagedFile handle = new PagedFile(this, readOnly, path, hints);
        handles.add(handle);
        return handle;
    }

    // ---- handles go

    /** Closes a handle as {@link PagedFile#close} says. */
    void close(PagedFile handle) throws IOException {
        if (!lock.tryLock()) {
            space.directTransfers().checkNotAnswering(); // who has it may wait for this thread
            lock.lock();
        }
        try {
            if (!handles.contains(handle)) {
                return;
            }
            if (handles.size() == 1) {
                closeLast();
            } else {
                closeOneOf(handle);
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeOneOf(PagedFile handle) throws IOException {
        try {
            if (!handle.readOnly() && deleteAtEnd == null) {
                handle.sync();
            }
        } catch (FileFencedException e) { // it will not become better
            leave(handle);
            String dirty = "dirtyPages=" + space.dirtyPages().get();
            throw new WriteFailedException(space.name(), dirty, e);
        } catch (IOException | RuntimeException e) {
            if (space.fenced()) {
                leave(handle);
            }
            throw e;
        }
        leave(handle);
    }

    private void closeLast() throws IOException {
        if (deleteAtEnd != null) {
            warm.dumpAtClose(null);
            warm.closing();
            context.truncation().discard(space); // who deletes a file wants nothing of it stored
            end();
            return;
        }
        warm.closing();
        try {
            context.truncation().close(space, this::syncForLast);
        } catch (IOException | RuntimeException e) {
            if (space.fenced()) {
                throw discard(e);
            }
            throw e;
        }
        end();
        warm.closed(); // as late as that: the store's last write has its time
    }

    /** Reports what the last handle was not told yet. */
    private void syncForLast(AddressSpace of) throws IOException {
        for (PagedFile last : handles) {
            files.writeback().sync(of, last.errorsTold());
        }
    }

    /**
     * Closes the file, all handles, as the end of its cache: what cannot be written is lost.
     *
     * @throws IOException saying what is lost
     */
    void closeAll() throws IOException {
        lock.lock();
        try {
            for (PagedFile handle : handles) {
                if (handles.size() > 1) {
                    leave(handle);
                }
            }
            if (!ended) {
                closeLastAtAnyCost();
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeLastAtAnyCost() throws IOException {
        try {
            closeLast();
        } catch (IOException | RuntimeException | Error first) {
            if (ended) {
                throw first;
            }
            try {
                closeLast(); // the first try may have reported an error that is over
            } catch (IOException | RuntimeException | Error second) {
                if (ended) {
                    throw second;
                }
                throw discard(second);
            }
        }
    }

    private WriteFailedException discard(Throwable cause) throws IOException {
        long lost = space.dirtyPages().get();
        context.truncation().discard(space);
        try {
            end();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return new WriteFailedException(space.name(), "pagesLost=" + lost, cause);
    }

    private void leave(PagedFile handle) {
        handles.remove(handle);
        handle.ended();
    }

    private void end() throws IOException {
        ended = true;
        handles.forEach(this::leave);
        try {
            delete();
        } finally {
            try {
                space.ops().close();
            } finally {
                // Last: who opens the file meanwhile finds this one, and waits for its end.
                files.forget(this);
            }
        }
    }

    private void delete() throws IOException {
        // Only if the name still leads to this file, which keeps its key until it is closed.
        if (deleteAtEnd != null && key != null && key.equals(OpenFiles.keyOf(deleteAtEnd))) {
            Files.delete(deleteAtEnd);
        }
    }

    // ---- what handles share

    /** Cuts the file, or extends it by zeros. */
    void cut(long bytes) throws IOException {
        context.checkMayWait("truncate", space);
        space.appendLock().lock(); // no append may find itself cut in the middle
        try {
            context.truncation().truncate(space, bytes);
        } finally {
            space.appendLock().unlock();
        }
    }

    /** Cuts the file, unless it is as short by then. */
    void shorten(long bytes) throws IOException {
        context.checkMayWait("truncate", space);
        space.appendLock().lock();
        try {
            context.truncation().shorten(space, bytes);
        } finally {
            space.appendLock().unlock();
        }
    }

    AddressSpace space() {
        return space;
    }

    OpenFiles files() {
        return files;
    }

    boolean direct() {
        return direct;
    }

    /** Its dumps of hot pages. */
    WarmRestart warm() {
        return warm;
    }

    @Nullable Object key() {
        return key;
    }

    /** Lookups of cursors that are open. */
    long liveAccesses() {
        return handles.stream().mapToLong(PagedFile::liveAccesses).sum();
    }

    FileStats stats() {
        FileCounters c = space.counters();
        // A cursor that is closed leaves the open ones, and is added then: in this order none is
        // counted twice, but one may be left out that was told of before.
        long accesses = c.accesses.sum();
        accesses += liveAccesses();
        return new FileStats(
                space.name(),
                handles.size(),
                space.sizeBytes(),
                space.fenced(),
                accessesTold.accumulateAndGet(accesses, Math::max),
                c.faults.sum(),
                c.refaults.sum(),
                c.evictions.sum(),
                c.pagesRead.sum(),
                c.bytesRead.sum(),
                c.prefetchedPages.sum(),
                c.prefetchesWasted.sum(),
                c.pagesWritten.sum(),
                c.bytesWritten.sum(),
                c.directReads.sum(),
                c.directWrites.sum(),
                c.syncs.sum(),
                c.readErrors.sum(),
                c.writeErrors.sum(),
                c.cachedPages.sum(),
                space.dirtyPages().get(),
                space.snapshots().open());
    }

    @Override
    public String toString() {
        return "SharedFile[" + space.name() + ", handles=" + handles.size() + "]";
    }
}
