package dev.quire.pagecache;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;
import dev.quire.pagecache.space.FileOps;
import dev.quire.pagecache.warm.WarmRestart;
import dev.quire.pagecache.writeback.Writeback;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The files of a cache that are open. A file is known by what the system knows it by (device and
 * inode), so that it has one address space under whatever name it is opened.
 */
final class OpenFiles {
    private static final int REPORTED_MAX = 16;

    /** Others may delete a file, or put another in its place, as often as it is opened. */
    private static final int OPEN_ROUNDS_MAX = 1000;

    private final AsyncIo io;
    private final CacheContext context;
    private final Writeback writeback;
    private final DirtyThrottle throttle;
    private final boolean checking;
    private final long readAheadBytes;
    private final SpillFiles spills;
    private final WarmRestart.Shared warm;
    private final AtomicLong checkSeeds = new AtomicLong();
    private final Set<SharedFile> files = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<Object, SharedFile> byKey = new ConcurrentHashMap<>();
    // Held while a file's store is opened: no second one is opened for the same file.
    private final ReentrantLock opening = new ReentrantLock();
    private volatile boolean closed;

    OpenFiles(
            AsyncIo io,
            CacheContext context,
            Writeback writeback,
            DirtyThrottle throttle,
            boolean checking,
            long readAheadBytes,
            SnapshotLimits snapshots) {
        this.io = io;
        this.context = context;
        this.writeback = writeback;
        this.throttle = throttle;
        this.checking = checking;
        this.readAheadBytes = readAheadBytes;
        spills = new SpillFiles(io, snapshots);
        context.images().limit(snapshots.memoryPercent(), snapshots.writersWaitMax().toNanos());
        warm = new WarmRestart.Shared(context);
    }

    PagedFile open(Path path, PageHooks hooks, OpenOption... openOptions) throws IOException {
        FileOptions options = FileOptions.of(path, openOptions);
        for (int round = 0; round < OPEN_ROUNDS_MAX; round++) {
            // A file that is found here and is gone has been closed for good.
            SharedFile shared = find(path);
            PagedFile handle =
                    shared != null
                            ? shared.join(path, options, hooks, io)
                            : openFirst(path, options, hooks);
            if (handle != null) {
                return checked(handle);
            }
        }
        throw new IOException("file is replaced each time that it is opened: file=" + path);
    }

    private @Nullable SharedFile find(Path path) throws IOException {
        Object key = keyOf(path);
        return key == null ? null : byKey.get(key);
    }

    /** Opens the store; answers null if somebody else has, or has taken its name away meanwhile. */
    private @Nullable PagedFile openFirst(Path path, FileOptions options, PageHooks hooks)
            throws IOException {
        opening.lock();
        try {
            if (find(path) != null) {
                return null;
            }
            checkOpen();
            AsyncFile store = io.open(path, options.store().toArray(OpenOption[]::new));
            try {
                Object key = keyOf(path);
                if (key == null || byKey.containsKey(key)) {
                    store.close();
                    return null;
                }
                return add(path, store, options, hooks, key);
            } catch (IOException | RuntimeException | Error e) {
                store.close();
                throw e;
            }
        } finally {
            opening.unlock();
        }
    }

    private PagedFile add(
            Path path, AsyncFile store, FileOptions options, PageHooks hooks, Object key)
            throws IOException {
        FileOps ops = new FileOps(store, context.pageBytes(), hooks);
        boolean readOnly = !options.write();
        AddressSpace space = AddressSpace.open(context, path.toString(), ops, readOnly);
        context.readsAhead().limit(space, readAheadBytes);
        SharedFile shared =
                new SharedFile(this, space, ops, key, options.kind(), hooks, store.direct());
        PagedFile handle = shared.first(readOnly, options.deleteOnClose(), path, options.hints());
        files.add(shared);
        byKey.put(key, shared);
        return handle;
    }

    PagedFile map(String name, AddressSpaceOps ops) throws IOException {
        checkOpen();
        AddressSpace space = AddressSpace.open(context, name, ops, false);
        context.readsAhead().limit(space, readAheadBytes);
        SharedFile shared = new SharedFile(this, space);
        PagedFile handle = shared.first(false, false, null, Set.of());
        files.add(shared);
        return checked(handle);
    }

    /** What the system knows a file by; null when it is not there. */
    static @Nullable Object keyOf(Path path) throws IOException {
        try {
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return key == null ? path.toRealPath() : key; // no such key on other systems
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** The files that are open, or being closed. */
    Iterable<SharedFile> all() {
        return files;
    }

    void forget(SharedFile shared) {
        files.remove(shared);
        if (shared.key() != null) {
            byKey.remove(shared.key(), shared);
        }
    }

    /**
     * Closes every file; from now on, nothing is opened any more.
     *
     * @return what failed; null when nothing did
     */
    @SuppressWarnings("CatchThrowable") // stores' code: the other files are closed all the same
    @Nullable IOException closeAll() {
        closed = true;
        IOException failed = null;
        for (SharedFile file : files) {
            try {
                file.closeAll();
            } catch (IOException e) {
                failed = first(failed, e);
            } catch (Throwable e) {
                String name = file.space().name();
                failed = first(failed, new WriteFailedException(name, "store not closed", e));
            }
        }
        return failed;
    }

    static IOException first(@Nullable IOException failed, IOException next) {
        if (failed == null) {
            return next;
        }
        failed.addSuppressed(next);
        return failed;
    }

    /** Which files are open, in words. */
    String report() {
        return files.stream()
                .limit(REPORTED_MAX)
                .map(SharedFile::space)
                .map(space -> space.name() + " (dirtyPages=" + space.dirtyPages() + ")")
                .collect(Collectors.joining(", ", files.size() + " open: [", "]"));
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("page cache is closed");
        }
    }

    private PagedFile checked(PagedFile handle) throws IOException {
        if (closed) { // meanwhile: who closes all files may have passed by
            handle.close();
            checkOpen();
        }
        return handle;
    }

    /** What watches a new cursor; null when nobody does. */
    @Nullable CursorCheck newCheck() {
        return checking ? new CursorCheck(checkSeeds.getAndIncrement()) : null;
    }

    CacheContext context() {
        return context;
    }

    Writeback writeback() {
        return writeback;
    }

    /** What warm restarts of all files share. */
    WarmRestart.Shared warm() {
        return warm;
    }

    /** Where snapshots spill to. */
    SpillFiles spills() {
        return spills;
    }

    DirtyThrottle throttle() {
        return throttle;
    }
}
